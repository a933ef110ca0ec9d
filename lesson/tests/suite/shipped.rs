//! The lessons in this repository are valid, and survive being packed.

use std::fs;
use std::path::Path;

use lesson::{Lesson, pack, test_sources, unpack};

#[test]
fn every_shipped_lesson_is_valid_and_travels_whole() {
    let lessons = Path::new(env!("CARGO_MANIFEST_DIR")).join("../lesson-images/lessons");
    let mut findings = Vec::new();
    let mut slugs = Vec::new();
    for folder in
        fs::read_dir(&lessons).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
    {
        match Lesson::from_dir(&folder) {
            Err(error) => findings.push(error.to_string()),
            Ok(lesson) => {
                assert_eq!(
                    Some(lesson.manifest.slug.as_str()),
                    folder.file_name().and_then(|name| name.to_str())
                );
                let bundle = pack(&lesson).unwrap();
                assert_eq!(unpack(&bundle.bytes, &bundle.digest).unwrap(), lesson);
                let untold: Vec<_> =
                    test_sources(&lesson).into_iter().filter(|test| test.place.is_none()).collect();
                assert!(untold.is_empty(), "a learner cannot read {untold:?}");
                slugs.push(lesson.manifest.slug);
            }
        }
    }
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
    assert!(!slugs.is_empty(), "no lesson in {}", lessons.display());
}
