//! A learner can read every visible test, and no hidden one.

use lesson::test_sources;

use crate::support::LessonDir;

/// The sample lesson with this visible test file and these visible test ids.
fn lesson(file: &str, content: &str, ids: &str) -> lesson::Lesson {
    let lesson = LessonDir::valid();
    lesson.change("tests/test_leap.py", file);
    lesson.write(&format!("files/{file}"), content);
    if file != "tests/test_leap.py" {
        std::fs::remove_file(lesson.at("files/tests/test_leap.py")).unwrap();
    }
    lesson.change("visible = [\"tests.test_leap.test_2000\"]", &format!("visible = {ids}"));
    lesson.write("files/tests/test_more.py", "def test_2000(): secret\ndef test_in_words(): secret\n");
    lesson.load().unwrap()
}

#[test]
fn a_definition_is_found_by_the_name_its_runner_makes_of_it() {
    let rows = [
        (
            "tests/test_leap.py",
            "import x\n\n\ndef test_2000():\n    assert leap(2000)\n\n    # why\n\n\ndef test_1900():\n    pass\n",
            "[\"tests.test_leap.test_2000\"]",
            Some((4, "def test_2000():\n    assert leap(2000)\n\n    # why")),
        ),
        (
            "tests/test_words.py",
            "def test_in_words():\n    assert True\n",
            "[\"in words\"]",
            Some((1, "def test_in_words():\n    assert True")),
        ),
        (
            "tests/test_cases.py",
            "@cases\ndef test_in_words(year):\n    assert year\n",
            "[\"in words [1999]\"]",
            Some((2, "def test_in_words(year):\n    assert year")),
        ),
        (
            "tests/a.bats",
            "@test \"counts files\" {\n    run ./count\n}\n@test \"other\" {\n}\n",
            "[\"counts files\"]",
            Some((1, "@test \"counts files\" {\n    run ./count\n}")),
        ),
        (
            "tests/a.test.js",
            "describe('stack', () => {\n  test('push adds', () => {\n    a();\n  });\n  test('b', () => {});\n});\n",
            "[\"stack › push adds\"]",
            Some((2, "  test('push adds', () => {\n    a();\n  });")),
        ),
        (
            "tests/a.c",
            "TEST(\"a new stack is empty\")\n{\n    CHECK(1);\n}\nint x;\n",
            "[\"a new stack is empty\"]",
            Some((1, "TEST(\"a new stack is empty\")\n{\n    CHECK(1);\n}")),
        ),
        ("tests/a.c", "int x;\n", "[\"made by a loop\"]", None),
    ];
    for (file, content, ids, expected) in rows {
        let found = test_sources(&lesson(file, content, ids));
        assert_eq!(found.len(), 1);
        let place = found[0].place.as_ref().map(|place| (place.line, place.text.as_str()));
        assert_eq!(place, expected, "{ids}");
        assert!(found[0].place.iter().all(|place| place.path.as_str() == file));
    }
}

#[test]
fn hidden_tests_are_not_read() {
    let found = test_sources(&lesson("tests/test_leap.py", "# nothing\n", "[\"tests.test_leap.test_2000\"]"));
    assert_eq!(found[0].place, None);
}

#[test]
fn a_long_definition_is_cut() {
    let body: String = (0..200).map(|line| format!("    line({line})\n")).collect();
    let text = format!("def test_in_words():\n{body}");
    let found = test_sources(&lesson("tests/test_leap.py", &text, "[\"in words\"]"));
    let shown = &found[0].place.as_ref().unwrap().text;
    assert_eq!(shown.lines().count(), 61);
    assert!(shown.ends_with("…"));
}
