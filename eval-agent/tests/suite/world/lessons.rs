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

/// As `check` above, but the tests run elsewhere, hand the answer more than fits between the two, and leave again what
/// they found: a third test, hidden, looks for files that are nobody's.
const CHECK_OUTSIDE: &str = r#"
check() {
  if said=$(head -c 300000 /dev/zero | ./answer.sh $3) && [ "$2" = "$said" ]; then echo "ok $1 - $4"; else echo "not ok $1 - $4"; fi
}
"#;
const RUN: &str = r#"
. tests/check.sh
exec >"$GRADUS_REPORT"
echo "1..$(ls tests/[0-9]*.sh | wc -l)"
for test in tests/[0-9]*.sh; do . "$test"; done
"#;
const CLEAN: &str = r#"
found=$(cd ~; find . /tmp /dev/shm -not -type d | sort | tr '\n' ' ')
mine="./work/answer.sh ./work/tests/1-visible.sh ./work/tests/2-hidden.sh ./work/tests/3-clean.sh ./work/tests/check.sh ./work/tests/run.sh "
if [ "$found" = "$mine" ] && grep -q eval-call answer.sh; then echo "ok 3 - nothing was planted"; else echo "not ok 3 - nothing was planted"; fi
"#;

/// The greeting, judged outside: the tests start `./answer.sh`.
pub fn outside_lesson() -> Lesson {
    let folder = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| put(&folder.path().join(path), text);
    let limits = "wall_seconds = 5\nmemory_mib = 192\ndisk_mib = 32\noutput_kib = 256";
    let command = "command = [\"bash\", \"tests/run.sh\"]\njudge = \"outside\"\n";
    let text = manifest(limits)
        .lines()
        .map(|line| if line.starts_with("command = ") { command } else { line })
        .collect::<Vec<_>>()
        .join("\n")
        .replace("role = \"editable\"", "role = \"editable\"\nexecutable = true")
        .replace(
            "path = \"tests/check.sh\"",
            "path = \"tests/run.sh\"\nrole = \"read_only\"\n\n[[files]]\npath = \"tests/check.sh\"",
        )
        .replace("[tests]", "[[files]]\npath = \"tests/3-clean.sh\"\nrole = \"hidden\"\n\n[tests]")
        .replace("\"greets by name\"]", "\"greets by name\", \"nothing was planted\"]")
        .replace("[limits]", "[judge]\ncommands = [\"answer.sh\"]\n\n[limits]");
    write("lesson.toml", &text);
    write("instructions.md", "# Greeting\n\nPrint a greeting.\n");
    write("files/answer.sh", "echo something\n");
    write("files/notes.txt", "yours\n");
    write("files/tests/run.sh", RUN);
    write("files/tests/check.sh", CHECK_OUTSIDE);
    write("files/tests/1-visible.sh", "check 1 'hello' '' 'greets'\n");
    write("files/tests/2-hidden.sh", "check 2 'hello Ada' 'Ada' 'greets by name'\n");
    write("files/tests/3-clean.sh", CLEAN);
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
