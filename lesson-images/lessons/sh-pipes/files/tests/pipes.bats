# Each script on the two logs of the lesson.

setup() {
    bats_load_library gradus
}

@test "visitors.sh counts different addresses in the small log" {
    run ./visitors.sh logs/small.log
    expect_status 0
    expect_output 3
}

@test "visitors.sh counts different addresses in a whole day" {
    run ./visitors.sh logs/access.log
    expect_output 51
}

@test "top-pages.sh puts the most requested path first" {
    run ./top-pages.sh logs/small.log 1
    expect_status 0
    expect_output "3 /books"
}

@test "top-pages.sh prints as many lines as it is asked for" {
    run ./top-pages.sh logs/access.log 4
    expect_output "73 /
53 /books
41 /search
34 /style.css"
}

@test "top-pages.sh sorts paths that tie by name" {
    run ./top-pages.sh logs/small.log 10
    expect_output "3 /books
2 /
1 /books/moss
1 /search
1 /style.css"
}

@test "errors-by-hour.sh counts the failures of each hour" {
    run ./errors-by-hour.sh logs/small.log
    expect_status 0
    expect_output "08 1
09 2"
}

@test "errors-by-hour.sh leaves out hours without failures" {
    run ./errors-by-hour.sh logs/access.log
    expect_output "08 1
10 1
14 5
20 1"
}
