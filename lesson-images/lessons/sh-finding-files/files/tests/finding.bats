# Each test runs one script and looks at what it prints or leaves behind.

setup() {
    bats_load_library gradus
    scratch=$(mktemp -d)
}

teardown() {
    rm -rf "$scratch"
}

@test "count-files.sh counts the files in every folder below" {
    run ./count-files.sh garden
    expect_status 0
    expect_output 7
}

@test "count-files.sh does not count folders" {
    mkdir -p "$scratch/a/b/c"
    touch "$scratch/a/b/one"
    run ./count-files.sh "$scratch"
    expect_output 1
}

@test "empty-files.sh finds the empty files, sorted" {
    run ./empty-files.sh garden
    expect_output "garden/beds/south bed/empty note.txt
garden/todo.txt"
}

@test "empty-files.sh prints nothing when no file is empty" {
    run ./empty-files.sh garden/tools
    expect_status 0
    expect_output ""
}

@test "collect.sh copies matching files from everywhere below" {
    run ./collect.sh garden '*.txt' "$scratch/texts"
    expect_status 0
    run ls "$scratch/texts"
    expect_output "beans.txt
empty note.txt
plan.txt
todo.txt
tomatoes.txt"
}

@test "collect.sh leaves the originals where they are" {
    mkdir "$scratch/from"
    echo "still here" >"$scratch/from/note.md"
    run ./collect.sh "$scratch/from" '*.md' "$scratch/to"
    expect_file "$scratch/from/note.md" "still here"
    expect_file "$scratch/to/note.md" "still here"
}
