setup() {
    bats_load_library gradus
}

@test "three times two is six" {
    run ./solution.sh 2
    expect_status 0
    expect_output 6
}

@test "three times nothing is nothing" {
    run ./solution.sh 0
    expect_output 0
}
