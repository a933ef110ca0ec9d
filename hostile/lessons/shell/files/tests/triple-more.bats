# @HIDDEN_MARKER@
setup() {
    bats_load_library gradus
}

@test "three times a thousand is three thousand" {
    run ./solution.sh 1000
    [ "$output" = 3000 ] || { echo "@HIDDEN_MARKER@"; false; }
}
