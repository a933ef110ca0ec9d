//! A small lesson in shell: the answer has to print a greeting.

use std::fs;
use std::path::Path;

use lesson::Lesson;

/// The file learners edit.
pub const ANSWER: &str = "answer.sh";

const CHECK: &str = r#"
check() {
  if [ "$2" = "$(bash answer.sh $3)" ]; then echo "ok $1 - $4"; else echo "not ok $1 - $4"; fi >> "$GRADUS_REPORT"
}
"#;

/// `bash answer.sh` must print `hello`; hidden: `bash answer.sh Ada` must print `hello Ada`.
pub fn shell_lesson() -> Lesson {
    shell_lesson_with("wall_seconds = 10")
}

/// The same with other limits, as lines of TOML.
pub fn shell_lesson_with(limits: &str) -> Lesson {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| put(&folder.path().join(path), text);
    write("lesson.toml", &manifest(limits));
    write("instructions.md", "# Greeting\n\nPrint a greeting.\n");
    write("files/answer.sh", "echo something\n");
    write("files/notes.txt", "yours\n");
    write("files/tests/check.sh", CHECK);
    write("files/tests/1-visible.sh", ". tests/check.sh\ncheck 1 'hello' '' 'greets'\n");
    write("files/tests/2-hidden.sh", "check 2 'hello Ada' 'Ada' 'greets by name'\n");
    write("solution/answer.sh", "echo \"hello${1:+ $1}\"\n");
    Lesson::from_dir(folder.path()).unwrap_or_else(|why| panic!("{why}"))
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn manifest(limits: &str) -> String {
    format!(
        r#"
schema = 1
slug = "greeting"
title = "Greeting"
summary = "Print a greeting."
course = "Tests"
position = 1
language = "shell"
image = "bash"
time_budget_minutes = 5

[[files]]
path = "answer.sh"
role = "editable"

[[files]]
path = "notes.txt"
role = "editable"

[[files]]
path = "tests/check.sh"
role = "read_only"

[[files]]
path = "tests/1-visible.sh"
role = "read_only"

[[files]]
path = "tests/2-hidden.sh"
role = "hidden"

[tests]
command = ["bash", "-c", "tests=$(ls tests/[0-9]*.sh | wc -l); echo \"1..$tests\" > \"$GRADUS_REPORT\"; for t in tests/[0-9]*.sh; do . $t; done"]
report = "tap"

[tests.expected]
visible = ["greets"]
hidden = ["greets by name"]

[limits]
{limits}
"#
    )
}
