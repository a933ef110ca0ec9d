# The same scripts on other logs.

setup() {
    bats_load_library gradus
    log=$(mktemp)
}

teardown() {
    rm -f "$log"
}

@test "visitors.sh counts a visitor once, wherever the visits stand" {
    printf '%s\n' >"$log" \
        "2024-05-01T00:00:00 192.0.2.1 GET / 200 5" \
        "2024-05-01T00:00:01 192.0.2.2 GET / 200 5" \
        "2024-05-01T00:00:02 192.0.2.1 GET / 200 5"
    run ./visitors.sh "$log"
    expect_output 2
}

@test "visitors.sh says 0 for an empty log" {
    run ./visitors.sh "$log"
    expect_output 0
}

@test "top-pages.sh prints nothing for an empty log" {
    run ./top-pages.sh "$log" 3
    expect_output ""
}

@test "top-pages.sh compares counts as numbers" {
    for n in 1 2 3 4 5 6 7 8 9 10 11; do
        echo "2024-05-01T00:00:$n 192.0.2.1 GET /often 200 5"
    done >"$log"
    for n in 1 2 3 4 5 6 7 8 9; do
        echo "2024-05-01T00:01:$n 192.0.2.1 GET /rarely 200 5"
    done >>"$log"
    run ./top-pages.sh "$log" 2
    expect_output "11 /often
9 /rarely"
}

@test "errors-by-hour.sh looks at the status and nowhere else" {
    printf '%s\n' >"$log" \
        "2024-05-01T05:00:00 192.0.2.1 GET /500 200 5" \
        "2024-05-01T06:00:00 192.0.2.1 GET / 200 500" \
        "2024-05-01T07:00:00 192.0.2.1 GET / 499 5" \
        "2024-05-01T08:00:00 192.0.2.1 GET / 599 5"
    run ./errors-by-hour.sh "$log"
    expect_output "08 1"
}

@test "errors-by-hour.sh knows midnight and several days" {
    printf '%s\n' >"$log" \
        "2024-05-01T23:59:59 192.0.2.1 GET / 500 5" \
        "2024-05-02T00:00:00 192.0.2.1 GET / 503 5" \
        "2024-05-02T23:00:00 192.0.2.1 GET / 500 5"
    run ./errors-by-hour.sh "$log"
    expect_output "00 1
23 2"
}

@test "the scripts take a log whose name has a space" {
    mv "$log" "$log two"
    log="$log two"
    echo "2024-05-01T11:00:00 192.0.2.1 GET / 500 5" >"$log"
    run ./visitors.sh "$log"
    expect_output 1
    run ./top-pages.sh "$log" 1
    expect_output "1 /"
    run ./errors-by-hour.sh "$log"
    expect_output "11 1"
}
