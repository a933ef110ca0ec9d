# Checks for Bats tests that say what was expected and what came. In a test file: bats_load_library gradus

# expect_status NUMBER: how the last `run` ended.
expect_status() {
    [[ $status == "$1" ]] && return
    printf 'ran:      %s\ngot:      exit status %s\nexpected: exit status %s\n' "$BATS_RUN_COMMAND" "$status" "$1"
    in_full 'its output:' "$output"
    return 1
}

# expect_output TEXT: everything the last `run` printed, final line end aside. `-` reads TEXT from standard input.
expect_output() {
    local expected=$1
    [[ $expected != - ]] || expected=$(cat)
    [[ $output == "$expected" ]] && return
    printf 'ran:      %s\n' "$BATS_RUN_COMMAND"
    in_full 'got:' "$output"
    in_full 'expected:' "$expected"
    return 1
}

# expect_file PATH TEXT: what a file holds, final line end aside.
expect_file() {
    [[ -f $1 ]] || { printf 'got:      no file\nexpected: a file called %s\n' "$1"; return 1; }
    local held
    held=$(cat "$1")
    [[ $held == "$2" ]] && return
    printf 'the file: %s\n' "$1"
    in_full 'got:' "$held"
    in_full 'expected:' "$2"
    return 1
}

# One line goes beside its label, several below it.
in_full() {
    if [[ -z $2 ]]; then
        printf '%-9s (nothing)\n' "$1"
    elif [[ $2 == *$'\n'* ]]; then
        printf '%s\n%s\n' "$1" "$(sed 's/^/    /' <<<"$2")"
    else
        printf '%-9s %s\n' "$1" "$2"
    fi
}
