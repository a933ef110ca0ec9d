//! A lesson folder to spoil: valid as made, one change away from each finding.

use std::fs;
use std::path::{Path, PathBuf};

use lesson::{Lesson, LoadError};

pub const MANIFEST: &str = r#"schema = 1
slug = "leap-years"
title = "Leap years"
summary = "Find out which years have 366 days."
course = "First steps"
position = 1
language = "python"
image = "python"
time_budget_minutes = 15
hints = ["Think of **1900**."]

[[files]]
path = "leap.py"
role = "editable"

[[files]]
path = "tests/test_leap.py"
role = "read_only"

[[files]]
path = "tests/test_more.py"
role = "hidden"

[submit]
allow = ["notes/*.md"]

[tests]
command = ["pytest", "-q"]
report = "junit"

[tests.expected]
visible = ["tests.test_leap.test_2000"]
hidden = ["tests.test_more.test_1900"]

[limits]
memory_mib = 256
disk_mib = 64

[[preview]]
port = 8000
title = "Calendar"
path = "/years?from=1900"

[[preview]]
port = 8001
title = "Clock"
"#;

pub struct LessonDir {
    dir: tempfile::TempDir,
}

impl LessonDir {
    pub fn valid() -> Self {
        let lesson = Self { dir: tempfile::tempdir().unwrap() };
        lesson.write("lesson.toml", MANIFEST);
        lesson.write("instructions.md", "# Leap years\n");
        lesson.write("files/leap.py", "def leap(year):\n    return None\n");
        lesson.write("files/tests/test_leap.py", "# visible\n");
        lesson.write("files/tests/test_more.py", "# hidden\n");
        lesson.write("solution/leap.py", "def leap(year):\n    return year % 4 == 0\n");
        lesson
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Replaces `from`, which must be there, in the manifest.
    pub fn change(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.at("lesson.toml")).unwrap();
        assert!(text.contains(from), "{from:?} is not in the manifest");
        self.write("lesson.toml", text.replacen(from, to, 1));
    }

    pub fn load(&self) -> Result<Lesson, LoadError> {
        Lesson::from_dir(self.path())
    }

    /// The findings as an author sees them, without the folder.
    pub fn findings(&self) -> Vec<String> {
        let prefix = format!("{}/", self.path().display());
        match self.load() {
            Ok(_) => Vec::new(),
            Err(error) => error.to_string().lines().map(|line| line.replace(&prefix, "")).collect(),
        }
    }
}
