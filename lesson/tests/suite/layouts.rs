//! Which files a container holds: the author's word against the learner's.

use ide_protocol::files::{FileContent, FileRole, WorkspaceFile};
use lesson::Lesson;

use crate::support::LessonDir;

fn sample() -> Lesson {
    LessonDir::valid().load().unwrap()
}

fn file(path: &str, text: &str) -> WorkspaceFile {
    WorkspaceFile {
        path: path.parse().unwrap(),
        revision: 7,
        content: FileContent::Text(text.to_owned()),
        executable: true,
    }
}

/// `path@revision=first word`, one per file.
fn outline(files: &[WorkspaceFile]) -> Vec<String> {
    let word = |file: &WorkspaceFile| {
        String::from_utf8_lossy(file.content.as_bytes()).lines().next().unwrap_or_default().to_owned()
    };
    files.iter().map(|file| format!("{}@{}={}", file.path, file.revision, word(file))).collect()
}

#[test]
fn a_workspace_starts_with_the_editable_files() {
    assert_eq!(outline(&sample().starter()), ["leap.py@1=def leap(year):"]);
    let solution = sample().solution_files();
    assert_eq!(outline(&solution), ["leap.py@1=def leap(year):"]);
    assert!(solution[0].content.as_bytes().ends_with(b"year % 4 == 0\n"));
}

#[test]
fn a_session_holds_what_was_saved_with_the_authors_read_only_files_over_it() {
    let saved = [file("leap.py", "mine"), file("tests/test_leap.py", "spoilt"), file("scratch.txt", "notes")];
    assert_eq!(
        outline(&sample().session_files(&saved)),
        ["leap.py@7=mine", "scratch.txt@7=notes", "tests/test_leap.py@7=# visible"],
        "under the revision that is stored"
    );
    assert_eq!(
        outline(&sample().session_files(&[])),
        ["tests/test_leap.py@1=# visible"],
        "a deleted file stays deleted, the lesson's own come back, hidden ones never"
    );
}

#[test]
fn grading_takes_what_may_be_submitted_and_the_authors_own() {
    let submitted = [
        file("leap.py", "mine"),
        file("tests/test_leap.py", "spoilt"),
        file("tests/test_more.py", "forged"),
        file("notes/ideas.md", "allowed"),
        file("notes/evil.py", "not allowed"),
        file("pytest.py", "not allowed"),
    ];
    assert_eq!(
        outline(&sample().grading_files(&submitted)),
        [
            "leap.py@7=mine",
            "notes/ideas.md@7=allowed",
            "tests/test_leap.py@1=# visible",
            "tests/test_more.py@1=# hidden"
        ]
    );
}

#[test]
fn a_learners_file_cannot_stand_where_a_folder_of_the_lesson_must() {
    let mut lesson = sample();
    lesson.manifest.submit.allow = vec!["**".to_owned()];
    let rows = [
        ("leap.py", true),
        ("new.py", true),
        ("deep/er/new.py", true),
        ("tests/own.py", true),
        ("tests", false),
        ("tests/test_more.py", false),
        ("tests/test_more.py/x", false),
        ("leap.py/x", false),
    ];
    for (path, expected) in rows {
        assert_eq!(lesson.may_submit(&path.parse().unwrap()), expected, "{path}");
    }
    let saved = [file("tests", "a file"), file("leap.py", "mine")];
    assert_eq!(outline(&lesson.session_files(&saved)), ["leap.py@7=mine", "tests/test_leap.py@1=# visible"]);

    let half_way = [file("a", "a file"), file("a/b", "below it"), file("a-b", "beside it")];
    assert_eq!(outline(&lesson.grading_files(&half_way))[..2], ["a@7=a file", "a-b@7=beside it"]);
}

#[test]
fn roles() {
    let rows = [
        ("leap.py", Some(FileRole::Editable)),
        ("tests/test_leap.py", Some(FileRole::ReadOnly)),
        ("tests/test_more.py", Some(FileRole::Hidden)),
        ("tests", None),
    ];
    for (path, expected) in rows {
        assert_eq!(sample().role_of(&path.parse().unwrap()), expected, "{path}");
    }
}
