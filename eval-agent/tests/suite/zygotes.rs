//! Interpreters that wait in warm containers, with the image that has them: a run that one became is like any other, it is
//! nobody else's, and while it waits the learner's code gets nothing of it.

use std::fs;
use std::path::Path;

use eval_agent::Config;
use eval_agent::local::Local;
use ide_protocol::results::{GradingOutcome, Outcome, Verdict};
use lesson::Lesson;

use crate::world::guest;

const MANIFEST: &str = r#"
schema = 1
slug = "waiting"
title = "Waiting"
summary = "Looks at what waits."
course = "Tests"
position = 1
language = "python"
image = "python"
time_budget_minutes = 5

[[files]]
path = "answer.py"
role = "editable"

[[files]]
path = "tests/test_seen.py"
role = "read_only"

[[files]]
path = "tests/test_hidden.py"
role = "hidden"

[tests]
command = ["gradus-unittest", "tests"]
report = "tap"

[tests.expected]
visible = ["it is like a fresh interpreter", "nothing of what waits is reached", "no run has the seed of another"]
hidden = ["the second round is one too"]
"#;

/// What a learner's code may try with a process of its own user's.
const ANSWER: &str = r#"
import os, pathlib

def waiting():
    for place in pathlib.Path("/proc").iterdir():
        if place.name.isdigit() and int(place.name) != os.getpid():
            try:
                if b"/zygotes/" in (place / "cmdline").read_bytes():
                    yield place
            except OSError:
                pass

def reached(place):
    tries = {
        "its streams": lambda: os.listdir(place / "fd"),
        "its report": lambda: open(place / "fd/9", "wb"),
        "its memory": lambda: open(place / "mem", "r+b"),
        "its environment": lambda: open(place / "environ").read(),
        "its folder": lambda: os.listdir(place / "cwd"),
    }
    for what, attempt in tries.items():
        try:
            attempt()
            yield what
        except OSError:
            pass
"#;

const SEEN: &str = r#"
import os, pathlib, sys, unittest
import answer

SEEDS = pathlib.Path("/tmp/seeds")

class Seen(unittest.TestCase):
    def test_it_is_like_a_fresh_interpreter(self):
        self.assertIn("/zygotes/gradus-unittest", open("/proc/self/cmdline").read())
        # Before it stands the folder of tests, which the framework has put there.
        self.assertEqual((os.getcwd(), sys.path[1]), ("/home/learner/work", "/home/learner/work"))
        self.assertEqual(sys.argv[1:], ["tests"])
        self.assertEqual(sys.stdin.read(), "")
        self.assertEqual(set(os.environ), {"PATH", "HOME", "USER", "LOGNAME", "LANG", "GRADUS_REPORT", "GRADUS_LESSON"})
        self.assertEqual(sorted(os.listdir("/proc/self/fd"))[:3], ["0", "1", "2"])
        self.assertEqual(os.getsid(0), os.getpid())

    def test_nothing_of_what_waits_is_reached(self):
        found = list(answer.waiting())
        self.assertEqual(len(found), 0 if SEEDS.exists() else 1)
        for place in found:
            self.assertEqual(list(answer.reached(place)), [])

    def test_no_run_has_the_seed_of_another(self):
        mine = [str(hash("gradus"))]
        earlier = SEEDS.read_text().split() if SEEDS.exists() else []
        self.assertNotIn(mine[0], earlier)

    @classmethod
    def tearDownClass(cls):
        SEEDS.write_text(str(hash("gradus")))
"#;

const HIDDEN: &str = r#"
import unittest

class Hidden(unittest.TestCase):
    def test_the_second_round_is_one_too(self):
        self.assertIn("/zygotes/gradus-unittest", open("/proc/self/cmdline").read())
"#;

fn lesson(change: impl Fn(&str) -> String) -> Lesson {
    let folder = tempfile::tempdir().unwrap();
    let manifest = change(MANIFEST);
    let files = [
        ("lesson.toml", manifest.as_str()),
        ("instructions.md", "# Waiting\n"),
        ("files/answer.py", "def waiting(): return [None]\n"),
        ("files/tests/test_seen.py", SEEN),
        ("files/tests/test_hidden.py", HIDDEN),
        ("solution/answer.py", ANSWER),
    ];
    for (path, text) in files {
        put(&folder.path().join(path), text);
    }
    Lesson::from_dir(folder.path()).unwrap_or_else(|why| panic!("{why}"))
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

async fn graded(local: &Local, lesson: &Lesson) -> Verdict {
    local.warm(lesson, 1).await.unwrap();
    let (tried, _) = local.grade(lesson, "", &lesson.solution_files()).await;
    match tried.outcome {
        GradingOutcome::Verdict { verdict } => verdict,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waited_is_like_any_other_and_nothing_of_it_is_to_be_had_before() {
    let run_dir = tempfile::tempdir().unwrap();
    let config = Config { run_dir: run_dir.path().to_owned(), ..Config::new("zygotes", guest()) };
    let local = Local::open(config).await.unwrap();
    let verdict = graded(&local, &lesson(str::to_owned)).await;
    assert_eq!(verdict.outcome, Outcome::Passed, "{verdict:#?}");
    // Named otherwise, or beside a file that a fresh interpreter might take for a module, it is a fresh interpreter.
    let by_path = |text: &str| text.replace("[\"gradus-unittest\"", "[\"env\", \"gradus-unittest\"");
    let shadowing =
        |text: &str| text.replace("schema = 1", "schema = 1\nsubmit = { allow = [\"difflib.py\"] }");
    for (name, lesson) in [("by path", lesson(by_path)), ("shadowing", lesson(shadowing))] {
        let mut files = lesson.solution_files();
        if name == "shadowing" {
            files.push(crate::world::file("difflib.py", "mine = True\n"));
        }
        local.warm(&lesson, 1).await.unwrap();
        let (tried, _) = local.grade(&lesson, "", &files).await;
        let GradingOutcome::Verdict { verdict } = tried.outcome else { panic!("{:?}", tried.outcome) };
        let says_so = verdict.tests.iter().any(|test| {
            test.id == "it is like a fresh interpreter"
                && test.message.as_ref().is_some_and(|said| said.contains("not found in"))
        });
        assert!(says_so, "{name}: {verdict:#?}");
    }
    assert!(local.close().await);
}
