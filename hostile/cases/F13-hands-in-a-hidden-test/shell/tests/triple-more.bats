@test "three times a thousand is three thousand" { :; }
