@test "three times two is six" { :; }
@test "three times nothing is nothing" { :; }
