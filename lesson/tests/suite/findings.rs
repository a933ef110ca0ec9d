//! What is wrong with a lesson is told at once, each at its place.

use std::fs;

use crate::support::{LessonDir, MANIFEST};

#[test]
fn a_valid_lesson_loads() {
    let lesson = LessonDir::valid().load().unwrap();
    assert_eq!(lesson.manifest.slug, "leap-years");
    assert_eq!(lesson.files.len(), 3);
    assert_eq!(lesson.solution.len(), 1);
    let previews: Vec<_> = lesson.manifest.preview.iter().map(|p| (p.port, p.path.as_str())).collect();
    assert_eq!(previews, [(8000, "/years?from=1900"), (8001, "/")]);
}

#[test]
fn a_fifth_preview_is_one_too_many() {
    let lesson = LessonDir::valid();
    let more: String =
        (9000..9003).map(|port| format!("\n[[preview]]\nport = {port}\ntitle = \"More\"\n")).collect();
    lesson.change("title = \"Clock\"\n", &format!("title = \"Clock\"\n{more}"));
    let findings = lesson.findings();
    assert_eq!(findings.len(), 1);
    assert!(findings[0].contains("there are more than 4 previews"), "{findings:?}");
}

#[test]
fn what_is_ignored_is_named_without_folders_and_spares_what_the_lesson_gives() {
    let rows = [
        ("\"*.o\", \"build\"", None),
        ("\"target/**\"", Some("write the name of a file or folder, without `/`")),
        ("\"[ab]\"", Some("`[` has no meaning in a pattern")),
        ("\"*.py\"", Some("this would ignore `leap.py`, which the lesson gives")),
        ("\"tests\"", Some("this would ignore `tests/test_leap.py`, which the lesson gives")),
    ];
    for (ignore, problem) in rows {
        let lesson = LessonDir::valid();
        lesson.change("[submit]", &format!("[workspace]\nignore = [{ignore}]\n\n[submit]"));
        match problem {
            None => assert_eq!(lesson.load().unwrap().manifest.workspace.ignore, ["*.o", "build"]),
            Some(problem) => {
                let findings = lesson.findings();
                assert_eq!(findings.len(), 1, "{ignore}: {findings:?}");
                assert!(findings[0].contains(problem), "{ignore}: {findings:?}");
            }
        }
    }
}

#[test]
fn what_a_lesson_needs_is_named_as_an_operator_allows_it() {
    let rows = [
        ("root = true\nnetwork = [\"db\", \"cache-2\"]", Ok(vec!["root", "network"])),
        ("root = false", Ok(vec![])),
        ("network = [\"DB\"]", Err("a host's name must be 1 to 32 lower-case letters")),
        ("network = [\"db\\n127.0.0.1 x\"]", Err("a host's name must be 1 to 32 lower-case letters")),
        ("network = [\"localhost\"]", Err("`localhost` is a name that every container has")),
        ("network = [\"db\", \"db\"]", Err("`db` is named twice")),
        (
            "network = [\"a\",\"b\",\"c\",\"d\",\"e\",\"f\",\"g\",\"h\",\"i\"]",
            Err("there are more than 8 hosts"),
        ),
        ("privileged = true", Err("unknown field `privileged`")),
    ];
    for (needs, wanted) in rows {
        let lesson = LessonDir::valid();
        lesson.change("[submit]", &format!("[needs]\n{needs}\n\n[submit]"));
        match wanted {
            Ok(names) => assert_eq!(lesson.load().unwrap().manifest.needs.names(), names, "{needs}"),
            Err(problem) => {
                let findings = lesson.findings();
                assert_eq!(findings.len(), 1, "{needs}: {findings:?}");
                assert!(findings[0].contains(problem), "{needs}: {findings:?}");
            }
        }
    }
}

#[test]
fn every_rule_of_the_manifest_points_at_its_place() {
    let rows = [
        ("schema = 1", "schema = 2", "1:10: this version of Gradus reads schema 1"),
        ("leap-years", "Leap--years", "2:8: `slug` must be 1 to 64 lower-case letters"),
        ("title = \"Leap years\"", "title = \"\"", "3:9: `title` must be one line of 1 to 100"),
        ("position = 1", "position = 0", "6:12: 0 is out of bounds: choose 1 to 1000"),
        ("= 15", "= 9999", "9:23: 9999 is out of bounds: choose 1 to 480 minutes"),
        ("\"Think of **1900**.\"", "\"ok\", \" \"", "10:16: a hint must have"),
        ("editable", "read_only", "12:1: no file is editable"),
        ("tests/test_leap.py", "leap.py", "17:8: `leap.py` is declared twice"),
        ("tests/test_more.py", "tests/gone.py", "21:8: `tests/gone.py` is not in files/"),
        ("notes/*.md", "notes/[ab]", "25:10: `[` has no meaning in a pattern"),
        ("[\"pytest\", \"-q\"]", "[]", "28:11: a command is a list of 1 to 64 words"),
        (
            "visible = [\"tests.test_leap.test_2000\"]",
            "visible = []",
            "32:11: name at least one visible test",
        ),
        (
            "tests.test_more.test_1900",
            "tests.test_leap.test_2000",
            "33:11: the test `tests.test_leap.test_2000` is",
        ),
        ("test_1900\"", "test_1900\", \"\"", "33:40: a test's id must be 1 to 512 bytes"),
        ("= 256", "= 8192", "36:14: 8192 is out of bounds: choose 112 to 4096 MiB"),
        ("disk_mib = 64", "disk_mib = 168", "37:12: files lie in memory: `disk_mib` and 24 MiB"),
        ("port = 8000", "port = 80", "40:8: 80 is out of bounds: choose 1024 to 65535"),
        ("port = 8001", "port = 70000", "45:8: 70000 is out of bounds: choose 1024 to 65535"),
        ("port = 8001", "port = 8000", "45:8: port 8000 has two previews"),
        ("\"Clock\"", "\"\"", "46:9: `title` must be one line of 1 to 40"),
        ("\"/years?", "\"years?", "42:8: `path` must be an address within the server"),
        ("\"/years?", "\"//evil.example?", "42:8: `path` must be an address within the server"),
        ("\"/years?", "\"/years\\\\?", "42:8: `path` must be an address within the server"),
    ];
    for (from, to, expected) in rows {
        let lesson = LessonDir::valid();
        lesson.change(from, to);
        let findings = lesson.findings();
        let expected = format!("lesson.toml:{expected}");
        assert!(
            findings.iter().any(|line| line.starts_with(&expected)),
            "{to}: {findings:#?}, not {expected}"
        );
    }
}

#[test]
fn what_is_not_shaped_like_a_manifest_is_told_entry_by_entry() {
    let lesson = LessonDir::valid();
    lesson.change("position = 1", "position = \"first\"");
    lesson.change("path = \"leap.py\"", "path = \"../leap.py\"");
    lesson.change("role = \"hidden\"", "role = \"secret\"");
    lesson.change("report = \"junit\"", "report = \"xml\"");
    lesson.change("title = \"Clock\"", "name = \"Clock\"");
    assert_eq!(
        lesson.findings(),
        [
            "lesson.toml:6:12: invalid type: string \"first\", expected u32",
            "lesson.toml:13:8: the path must be relative, without empty parts, `.` or `..`",
            "lesson.toml:22:8: unknown variant `secret`, expected one of `editable`, `read_only`, `hidden`",
            "lesson.toml:29:10: unknown variant `xml`, expected one of `junit`, `tap`, `exercism`",
            "lesson.toml:46:1: unknown field `name`, expected one of `port`, `title`, `path`",
        ]
    );
}

#[test]
fn a_typo_a_missing_key_and_broken_toml_are_told() {
    let rows = [
        ("summary = ", "sumary = ", "4:1: unknown field `sumary`"),
        ("course = \"First steps\"\n", "", "1:1: missing field `course`"),
        ("title = \"Leap years\"", "title = \"Leap", "3:"),
    ];
    for (from, to, expected) in rows {
        let lesson = LessonDir::valid();
        lesson.change(from, to);
        let findings = lesson.findings();
        assert!(findings.iter().any(|line| line.contains(expected)), "{findings:#?}");
    }
}

#[test]
fn every_rule_of_the_folder_is_told() {
    type Spoil = fn(&LessonDir);
    let rows: &[(Spoil, &str)] = &[
        (
            |l| fs::remove_file(l.at("lesson.toml")).unwrap(),
            "lesson.toml:1:1: lesson.toml is missing: add it",
        ),
        (
            |l| fs::remove_file(l.at("instructions.md")).unwrap(),
            "lesson.toml:1:1: instructions.md is missing: add it",
        ),
        (
            |l| l.write("instructions.md", " \n"),
            "lesson.toml:1:1: instructions.md is empty: tell the learner what to do",
        ),
        (
            |l| l.write("instructions.md", [0xff]),
            "lesson.toml:1:1: instructions.md is not UTF-8: save it as UTF-8",
        ),
        (
            |l| l.write("files/extra.py", ""),
            "lesson.toml:12:1: files/extra.py has no [[files]] entry: add one with its role, or delete the file",
        ),
        (
            |l| l.write("files/a\nb", ""),
            "lesson.toml:1:1: files/a\\nb has a bad name: the path holds a control character or a backslash: rename it",
        ),
        (
            |l| l.write("solution/tests/test_leap.py", ""),
            "lesson.toml:18:8: solution/tests/test_leap.py replaces a file that learners cannot change: make it editable or delete it",
        ),
        (
            |l| l.write("solution/new.py", ""),
            "lesson.toml:12:1: solution/new.py is no file of the lesson: declare an editable `new.py` or delete it",
        ),
        (
            |l| fs::remove_file(l.at("solution/leap.py")).unwrap(),
            "lesson.toml:12:1: solution/ is empty: add the files that solve the lesson, which prove its tests",
        ),
        (
            |l| l.write("files/leap.py", vec![b'x'; 1024 * 1024 + 1]),
            "lesson.toml:13:8: files/leap.py is larger than 1024 KiB: shorten it or put it into the image",
        ),
        (
            |l| link(l, "/etc/passwd", "files/leap.py"),
            "lesson.toml:13:8: files/leap.py is a symbolic link: put the file itself there",
        ),
        (
            |l| link(l, "/etc", "files/etc"),
            "lesson.toml:1:1: files/etc is a symbolic link: put the file itself there",
        ),
        (
            |l| {
                fs::remove_dir_all(l.at("solution")).unwrap();
                link(l, "/etc", "solution");
            },
            "lesson.toml:1:1: solution is a symbolic link: put the folder itself there",
        ),
        (|l| pipe(l, "files/leap.py"), "lesson.toml:13:8: files/leap.py is not a plain file: remove it"),
    ];
    for (spoil, expected) in rows {
        let lesson = LessonDir::valid();
        spoil(&lesson);
        let findings = lesson.findings();
        assert_eq!(findings, [*expected], "this alone");
    }
}

/// A lesson with a page of theory; the page's entry is lines 12 to 14 of its manifest.
fn with_theory() -> LessonDir {
    let lesson = LessonDir::valid();
    let page = "[[theory]]\ntitle = \"The calendar\"\nfile = \"theory/calendar.md\"\n\n[[files]]";
    lesson.change("[[files]]", page);
    lesson.write("theory/calendar.md", "# The calendar\n");
    lesson
}

#[test]
fn pages_of_theory_are_told_of_where_they_are_declared() {
    type Spoil = fn(&LessonDir);
    let rows: &[(Spoil, &str)] = &[
        (
            |l| fs::remove_file(l.at("theory/calendar.md")).unwrap(),
            "14:8: `theory/calendar.md` is missing: add it there or drop this entry",
        ),
        (
            |l| l.write("theory/calendar.md", vec![b'x'; 64 * 1024 + 1]),
            "14:8: theory/calendar.md is larger than 64 KiB: shorten it or put it into the image",
        ),
        (
            |l| l.write("theory/calendar.md", " \n"),
            "14:8: theory/calendar.md is empty: write it or drop this entry",
        ),
        (
            |l| l.write("theory/calendar.md", [0xff]),
            "14:8: theory/calendar.md is not UTF-8: save it as UTF-8",
        ),
        (
            |l| link(l, "/etc/passwd", "theory/calendar.md"),
            "14:8: theory/calendar.md is a symbolic link: put the file itself there",
        ),
        (
            |l| l.write("theory/more.md", "more"),
            "12:1: theory/more.md has no [[theory]] entry: add one, or delete the file",
        ),
        (|l| l.change("The calendar", ""), "13:9: `title` must be one line of 1 to 100 characters"),
        (
            |l| l.change("theory/calendar.md", "instructions.md"),
            "14:8: `instructions.md` must be a Markdown file below theory/, as in theory/pipes.md",
        ),
        (
            |l| {
                l.change(
                    "[[files]]",
                    "[[theory]]\ntitle = \"Again\"\nfile = \"theory/calendar.md\"\n[[files]]",
                )
            },
            "18:8: `theory/calendar.md` is declared twice: keep one entry",
        ),
    ];
    for (spoil, expected) in rows {
        let lesson = with_theory();
        assert_eq!(lesson.findings(), [""; 0], "it is valid");
        spoil(&lesson);
        let findings = lesson.findings();
        assert!(findings.contains(&format!("lesson.toml:{expected}")), "{findings:#?}, not {expected}");
    }
}

#[test]
fn a_rule_for_the_solution_is_one_of_three() {
    let rows = [
        ("shown = \"after_passing\"", None),
        ("shown = \"never\"", None),
        ("shown = \"after_hand_ins\"\ncount = 3", None),
        ("shown = \"after_hand_ins\"", Some("missing field `count`")),
        ("shown = \"after_hand_ins\"\ncount = 0", Some("0 is out of bounds: choose 1 to 50 hand-ins")),
        ("shown = \"at_once\"", Some("unknown variant `at_once`")),
    ];
    for (rule, expected) in rows {
        let lesson = LessonDir::valid();
        lesson.change("[submit]", &format!("[solution]\n{rule}\n\n[submit]"));
        let findings = lesson.findings();
        match expected {
            None => assert_eq!(findings, [""; 0], "{rule}"),
            Some(text) => assert!(
                findings.iter().any(|line| line.contains(text) && line.starts_with("lesson.toml:2")),
                "{rule}: {findings:#?}"
            ),
        }
    }
}

#[test]
fn everything_is_told_at_once_in_the_order_of_the_lines() {
    let lesson = LessonDir::valid();
    lesson.change("leap-years", "LEAP");
    lesson.change("disk_mib = 64", "disk_mib = 168");
    lesson.change("notes/*.md", "/notes");
    lesson.write("files/extra.py", "");
    let lines: Vec<String> = lesson
        .findings()
        .iter()
        .map(|line| line.splitn(4, ':').take(3).collect::<Vec<_>>().join(":"))
        .collect();
    assert_eq!(lines, ["lesson.toml:2:8", "lesson.toml:12:1", "lesson.toml:25:10", "lesson.toml:37:12"]);
}

#[test]
fn more_findings_than_anybody_reads_are_counted() {
    let lesson = LessonDir::valid();
    let entries: String =
        (0..150).map(|i| format!("[[files]]\npath = \"gone{i}\"\nrole = \"editable\"\n")).collect();
    lesson.change("[submit]", &format!("{entries}[submit]"));
    let findings = lesson.findings();
    assert_eq!(findings.len(), 100);
    assert!(findings[99].ends_with("(and 50 findings more like these)"), "{}", findings[99]);

    let lesson = LessonDir::valid();
    let entries = (0..501).map(|i| format!("[[files]]\npath = \"{i}\"\nrole = \"editable\"\n"));
    lesson.change("[submit]", &format!("{}[submit]", entries.collect::<String>()));
    assert!(lesson.findings().concat().ends_with("a lesson has at most 500 files"));
}

#[test]
fn columns_count_characters() {
    let lesson = LessonDir::valid();
    lesson.change("hints = [\"Think of **1900**.\"]", "hints = [\"äöü猫\", \"\"]");
    assert_eq!(lesson.findings(), ["lesson.toml:10:18: a hint must have 1 to 4096 bytes of Markdown"]);
}

fn link(lesson: &LessonDir, to: &str, at: &str) {
    let _ = fs::remove_file(lesson.at(at));
    std::os::unix::fs::symlink(to, lesson.at(at)).unwrap();
}

fn pipe(lesson: &LessonDir, at: &str) {
    fs::remove_file(lesson.at(at)).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(lesson.at(at)).status().unwrap().success());
}

#[test]
fn the_sample_is_what_the_tests_say() {
    // Rows above name line numbers of it.
    assert_eq!(MANIFEST.lines().count(), 46);
}
