//! Judge outside: what an author may write about it, and which files go to which container.

use ide_protocol::files::{FileContent, WorkspaceFile};

use crate::support::LessonDir;

const OUTSIDE: &str = "report = \"junit\"\njudge = \"outside\"";

/// The sample lesson, judged outside, with these lines under `[judge]`.
fn outside(judge: &str) -> LessonDir {
    let lesson = LessonDir::valid();
    lesson.change("report = \"junit\"", OUTSIDE);
    lesson.change("[limits]", &format!("[judge]\n{judge}\n\n[limits]"));
    lesson.change("[submit]", "[[files]]\npath = \"data/years.txt\"\nrole = \"read_only\"\n\n[submit]");
    lesson.write("files/data/years.txt", "1900\n");
    lesson
}

fn file(path: &str, text: &str) -> WorkspaceFile {
    let content = FileContent::Text(text.to_owned());
    WorkspaceFile { path: path.parse().unwrap(), revision: 1, content, executable: false }
}

fn paths(files: &[WorkspaceFile]) -> Vec<&str> {
    files.iter().map(|file| file.path.as_str()).collect()
}

#[test]
fn whatever_an_author_gets_wrong_is_told_at_its_place() {
    let rows = [
        ("commands = [\"leap.py\"]", None),
        ("commands = [\"bin/built\", \"leap.py\"]\nport_variables = [\"PORT\"]\nports = [8000]", None),
        ("modules = [\"leap.py\"]\nbeside = [\"data/**\"]", None),
        (
            "modules = [\"leap.py\"]\nexports = { \"leap.py\" = [\"a\"] }",
            Some("`leap.py` needs no `exports`"),
        ),
        ("modules = [\"leap.py\"]\nexports = { \"a.js\" = [\"b\"] }", Some("`a.js` is not among `modules`")),
        ("modules = [\"leap.js\"]", Some("say what it gives: `exports = { \"leap.js\"")),
        ("modules = [\"leap.js\"]\nexports = { \"leap.js\" = [\"a b\"] }", Some("`a b` is no name")),
        ("modules = [\"leap.js\"]\nexports = { \"leap.js\" = [\"a\", \"a\"] }", Some("`a` is named twice")),
        ("modules = [\"leap.rb\"]", Some("modules end in .py, .js or .mjs")),
        ("", Some("reach nothing of the learner's")),
        ("ports = [8000]", Some("name the server under `commands`")),
        ("commands = [\"data/years.txt\"]", Some("`data/years.txt` is the lesson's own")),
        ("commands = [\"tests/test_more.py\"]", Some("`tests/test_more.py` is the lesson's own")),
        ("modules = [\"other.py\"]", Some("`other.py` is no file of the lesson")),
        ("commands = [\"leap.py\", \"leap.py\"]", Some("`leap.py` is named twice")),
        ("commands = [\"leap.py\"]\nmodules = [\"leap.py\"]", Some("`leap.py` is named twice")),
        ("commands = [\"data\"]", Some("`data` and `data/years.txt` cannot both be there")),
        ("commands = [\"../leap.py\"]", Some("`..`")),
        ("commands = [\"leap.py\"]\nports = [80]", Some("80 is out of bounds")),
        ("commands = [\"leap.py\"]\nport_variables = [\"$(PORT)\"]", Some("the name of a variable")),
        ("commands = [\"leap.py\"]\nbeside = [\"tests/*\"]", Some("`tests/test_more.py` is hidden")),
        ("commands = [\"leap.py\"]\nbeside = [\"tests/test_l*\"]", Some("`tests/test_leap.py` is a test")),
        ("commands = [\"leap.py\"]\nbeside = [\"*.csv\"]", Some("no read-only file matches")),
    ];
    for (judge, expected) in rows {
        let findings = outside(judge).findings();
        match expected {
            None => assert_eq!(findings, [""; 0], "{judge}"),
            Some(expected) => {
                assert!(findings.iter().any(|finding| finding.contains(expected)), "{judge}: {findings:?}")
            }
        }
    }
    let inside = LessonDir::valid();
    inside.change("[limits]", "[judge]\ncommands = [\"leap.py\"]\n\n[limits]");
    assert!(inside.findings()[0].contains("the tests run inside"), "{:?}", inside.findings());
}

#[test]
fn the_two_containers_share_no_test_and_no_byte_of_the_learners() {
    let lesson = outside("commands = [\"leap.py\"]").load().unwrap();
    let submitted = [
        file("leap.py", "the learner's"),
        file("notes/idea.md", "the learner's"),
        file("tests/test_leap.py", "the learner's"),
        file("tests/conftest.py", "the learner's"),
        file("data/years.txt", "the learner's"),
    ];
    let program = lesson.program_files(&submitted);
    assert_eq!(paths(&program), ["data/years.txt", "leap.py", "notes/idea.md"]);
    assert_eq!(program[0].content.as_bytes(), b"1900\n", "the author's own wins");

    let shown = lesson.judge_files(false);
    assert_eq!(paths(&shown), ["data/years.txt", "leap.py", "tests/test_leap.py"]);
    let all = lesson.judge_files(true);
    assert_eq!(paths(&all), ["data/years.txt", "leap.py", "tests/test_leap.py", "tests/test_more.py"]);
    let text = |files: &[WorkspaceFile]| {
        files.iter().map(|file| file.content.as_bytes().to_vec()).collect::<Vec<_>>().concat()
    };
    assert!(!String::from_utf8_lossy(&text(&all)).contains("the learner's"));
    assert!(String::from_utf8_lossy(all[1].content.as_bytes()).contains("eval-call"), "a stand-in");
}

#[test]
fn an_author_chooses_what_lies_beside() {
    let lesson = outside("commands = [\"leap.py\"]\nbeside = []").load().unwrap();
    assert_eq!(paths(&lesson.program_files(&[file("leap.py", "x")])), ["leap.py"]);
}

#[test]
fn a_stand_in_is_started_as_the_learners_own_file_would_be() {
    let lesson = outside("commands = [\"leap.py\", \"built\"]\nports = [8000]\nport_variables = [\"PORT\"]");
    lesson.change(
        "path = \"leap.py\"\nrole",
        "path = \"run.sh\"\nrole = \"editable\"\n\n[[files]]\npath = \"leap.py\"\nrole",
    );
    lesson.change("\"built\"]", "\"built\", \"run.sh\"]");
    lesson.write("files/run.sh", "true\n");
    let files = lesson.load().unwrap().judge_files(true);
    let text = |path: &str| {
        let file = files.iter().find(|file| file.path.as_str() == path).unwrap();
        assert!(file.executable);
        String::from_utf8_lossy(file.content.as_bytes()).into_owned()
    };
    const OPTIONS: &str = "--output-kib 1024 --port 8000 --port-variable PORT --";
    assert_eq!(
        text("built"),
        format!("#!/bin/sh\nexec /usr/local/lib/gradus/eval-call stand-in {OPTIONS} \"$0\" \"$@\"\n")
    );
    assert!(
        text("run.sh").ends_with(&format!("stand-in {OPTIONS} bash \"$0\" \"$@\"\n")),
        "a script that is not executable"
    );
    assert!(
        text("leap.py")
            .contains("\"--port\", \"8000\", \"--port-variable\", \"PORT\", \"--\", *sys.orig_argv")
    );
}

#[test]
fn a_module_is_stood_in_for_by_the_library_of_its_image() {
    let lesson = outside("modules = [\"leap.py\"]").load().unwrap();
    let stand_in = lesson.judge_files(true).into_iter().find(|file| file.path.as_str() == "leap.py").unwrap();
    let expected = "import gradus_stand_in\n\ngradus_stand_in.take_place(__name__, \"leap.py\")\n";
    assert_eq!(stand_in.content, FileContent::Text(expected.to_owned()));
}

#[test]
fn a_javascript_module_gives_the_names_that_the_author_lists() {
    let dir = outside("modules = [\"cart.mjs\"]\nexports = { \"cart.mjs\" = [\"total\", \"default\"] }");
    dir.change("[submit]", "[[files]]\npath = \"cart.mjs\"\nrole = \"editable\"\n\n[submit]");
    dir.write("files/cart.mjs", "export const total = 5;\n");
    dir.write("solution/cart.mjs", "export const total = 5;\n");
    let lesson = dir.load().unwrap();
    let stand_in =
        lesson.judge_files(true).into_iter().find(|file| file.path.as_str() == "cart.mjs").unwrap();
    let FileContent::Text(text) = stand_in.content else { panic!("no text") };
    assert_eq!(
        text,
        "import { standIn } from \"/usr/local/lib/gradus/stand-in.mjs\";\n\n\
         const given = standIn(\"cart.mjs\", [\"total\", \"default\"]);\n\
         const _0 = given[0];\nexport { _0 as total };\nconst _1 = given[1];\nexport { _1 as default };\n"
    );
}
