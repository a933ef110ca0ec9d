//! SECURITY.md names a test for each promise. Those tests are there.

use std::path::Path;

#[test]
fn every_test_that_a_promise_rests_on_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let text = std::fs::read_to_string(root.join("SECURITY.md")).expect("SECURITY.md");
    let mut missing = Vec::new();
    let mut found = 0_usize;
    for cited in text.split('`').filter(|part| part.contains("::") && part.contains('/')) {
        let Some((file, name)) = cited.split_once("::") else { continue };
        let source = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        let is_there = match Path::new(file).extension().and_then(|ending| ending.to_str()) {
            Some("ts") => source.contains(&format!("test(\"{name}\"")),
            Some("py") => source.contains(&format!("def {name}(")),
            // A story that runs on both databases is named in a macro's call.
            _ => source.contains(&format!("fn {name}(")) || source.contains(&format!("!({name},")),
        };
        if is_there { found += 1 } else { missing.push(cited) }
    }
    assert!(missing.is_empty(), "SECURITY.md rests on tests that are not there: {missing:#?}");
    assert!(found > 30, "only {found} tests are named in SECURITY.md: has its form changed?");
}
