//! Lessons are proven before anybody is graded by them: those that ship, and broken ones that have to be found out.

#![expect(clippy::expect_used, reason = "a test may give up")]

mod common;

use std::path::Path;
use std::process::{Command, Output};

use common::root;

fn gradus(arguments: &[&str]) -> (Output, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gradus"))
        .args(arguments)
        .current_dir(root())
        .output()
        .expect("gradus runs");
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output, said)
}

#[test]
fn every_lesson_that_ships_is_proven() {
    let lessons = root().join("lesson-images/lessons");
    let shipped = std::fs::read_dir(&lessons).expect("lessons").count();
    let (output, said) = gradus(&["lesson", "check", "--run", "--times", "1", "lesson-images/lessons"]);
    assert!(output.status.success(), "{said}");
    assert!(said.contains(&format!("{shipped} lessons, 0 with findings")), "{said}");
    assert_eq!(said.matches(": proven in ").count(), shipped, "{said}");
}

/// A lesson in shell; each test runs `answer.sh` and compares what it prints.
const MANIFEST: &str = r#"# About greetings.
schema = 1
slug = "greeting"   # short
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
path = "tests/1.sh"
role = "read_only"

[[files]]
path = "tests/2.sh"
role = "hidden"

[tests]
command = ["bash", "-c", "ls tests | sed '$!d' >/dev/null; echo 1..$(ls tests | wc -l) > $GRADUS_REPORT; for t in tests/*; do . ./$t; done"]
report = "tap"

# What a solution shows.
[tests.expected]
visible = ["greets"]
hidden = ["greets by name"]

[limits]
wall_seconds = 5   # plenty
"#;

const SOLUTION: &str = "echo \"hello${1:+ $1}\"\n";

fn lay(folder: &Path, files: &[(&str, &str)]) {
    let shipped = [
        ("lesson.toml", MANIFEST),
        ("instructions.md", "# Greeting\n\nPrint a greeting.\n"),
        ("files/answer.sh", "echo something\n"),
        (
            "files/tests/1.sh",
            "[ \"$(bash answer.sh)\" = hello ] || no=not; echo \"$no ok 1 - greets\" | sed 's/^ //' >> $GRADUS_REPORT; no=\n",
        ),
        (
            "files/tests/2.sh",
            "[ \"$(bash answer.sh Ada)\" = 'hello Ada' ] || no=not; echo \"$no ok 2 - greets by name\" | sed 's/^ //' >> $GRADUS_REPORT; no=\n",
        ),
        ("solution/answer.sh", SOLUTION),
    ];
    for (path, text) in shipped.iter().chain(files) {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
}

/// What is wrong with it, the files that make it so, and words of what is said.
type Row<'a> = (&'a str, Vec<(&'a str, &'a str)>, Vec<&'a str>);

#[test]
fn a_lesson_that_cannot_be_trusted_is_found_out() {
    // Its own exit status instead of evidence: it reports what it expects, whatever the program does.
    let gullible = "bash answer.sh >/dev/null; echo 'ok 1 - greets' >> $GRADUS_REPORT\n";
    let gullible_more = "echo 'ok 2 - greets by name' >> $GRADUS_REPORT\n";
    let renamed = MANIFEST.replace("\"greets\"", "\"greets people\"");
    let green = MANIFEST.replace("report = \"tap\"", "report = \"tap\"\nstarter_passes = true");
    let rows: [Row<'_>; 5] = [
        ("sound", vec![], vec!["proven in", "1 lessons, 0 with findings"]),
        (
            "a solution that is none",
            vec![("solution/answer.sh", "echo hi\n")],
            vec!["the solution does not pass", "`greets`"],
        ),
        (
            "a starter that is done",
            vec![("files/answer.sh", SOLUTION)],
            vec!["the starter passes", "starter_passes = true"],
        ),
        (
            "tests that take anything",
            vec![
                ("files/tests/1.sh", gullible),
                ("files/tests/2.sh", gullible_more),
                ("lesson.toml", &green),
            ],
            vec!["a program with an early exit passes"],
        ),
        (
            "a test under another name",
            vec![("lesson.toml", &renamed)],
            vec!["`greets people` is pinned and not reported", "gradus lesson pin "],
        ),
    ];
    for (what, files, expected) in rows {
        let folder = tempfile::tempdir().expect("a folder");
        lay(folder.path(), &files);
        let path = folder.path().to_str().expect("text");
        let (output, said) = gradus(&["lesson", "check", "--run", "--times", "2", path]);
        assert_eq!(output.status.success(), what == "sound", "{what}: {said}");
        for part in expected {
            assert!(said.contains(part), "{what}: no {part:?} in\n{said}");
        }
    }
}

#[test]
fn pinning_writes_what_the_solution_reports_and_leaves_the_rest() {
    let folder = tempfile::tempdir().expect("a folder");
    let blank = MANIFEST.replace("visible = [\"greets\"]\nhidden = [\"greets by name\"]\n", "visible = []\n");
    lay(folder.path(), &[("lesson.toml", &blank)]);
    let path = folder.path().to_str().expect("text");
    let (output, said) = gradus(&["lesson", "check", path]);
    assert!(!output.status.success() && said.contains("gradus lesson pin"), "{said}");

    let (output, said) = gradus(&["lesson", "pin", path]);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("+ visible: greets\n") && said.contains("+ hidden: greets by name\n"), "{said}");
    let pinned = std::fs::read_to_string(folder.path().join("lesson.toml")).expect("a manifest");
    let wanted = blank
        .replace("visible = []\n", "visible = [\n  \"greets\",\n]\nhidden = [\n  \"greets by name\",\n]\n");
    assert_eq!(pinned, wanted, "comments, order and everything else stay");

    let (output, said) = gradus(&["lesson", "pin", path]);
    assert!(output.status.success() && said.contains("nothing to change"), "{said}");

    lay(folder.path(), &[("lesson.toml", &pinned), ("solution/answer.sh", "echo hi\n")]);
    let (output, said) = gradus(&["lesson", "pin", path]);
    assert!(!output.status.success() && said.contains("nothing was pinned"), "{said}");
    assert_eq!(std::fs::read_to_string(folder.path().join("lesson.toml")).expect("a manifest"), pinned);
}
