# The same scripts on other trees.

setup() {
    bats_load_library gradus
    scratch=$(mktemp -d)
}

teardown() {
    rm -rf "$scratch"
}

@test "count-files.sh counts hidden files" {
    touch "$scratch/.hidden" "$scratch/seen"
    run ./count-files.sh "$scratch"
    expect_output 2
}

@test "count-files.sh says 0 for an empty folder" {
    run ./count-files.sh "$scratch"
    expect_output 0
}

@test "count-files.sh takes a folder whose name has spaces" {
    mkdir -p "$scratch/two words/deep/deeper"
    touch "$scratch/two words/deep/deeper/x" "$scratch/two words/y"
    run ./count-files.sh "$scratch/two words"
    expect_output 2
}

@test "empty-files.sh does not list empty folders" {
    mkdir "$scratch/empty-folder"
    touch "$scratch/b" "$scratch/a"
    run ./empty-files.sh "$scratch"
    expect_output "$scratch/a
$scratch/b"
}

@test "collect.sh matches the whole pattern and nothing else" {
    mkdir "$scratch/from"
    touch "$scratch/from/notes.txt" "$scratch/from/txt" "$scratch/from/notes.txt.old"
    run ./collect.sh "$scratch/from" '*.txt' "$scratch/to"
    run ls "$scratch/to"
    expect_output "notes.txt"
}

@test "collect.sh copies names with spaces and stars" {
    mkdir -p "$scratch/from/a b"
    echo 1 >"$scratch/from/a b/one two.log"
    echo 2 >"$scratch/from/st*r.log"
    run ./collect.sh "$scratch/from" '*.log' "$scratch/to here"
    expect_file "$scratch/to here/one two.log" 1
    expect_file "$scratch/to here/st*r.log" 2
}

@test "collect.sh adds to a target that exists" {
    mkdir "$scratch/from" "$scratch/to"
    touch "$scratch/to/earlier" "$scratch/from/new.log"
    run ./collect.sh "$scratch/from" '*.log' "$scratch/to"
    run ls "$scratch/to"
    expect_output "earlier
new.log"
}
