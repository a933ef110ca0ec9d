//! The description of the API: committed, served, readable.

use std::path::Path;

use serde_json::Value;

use crate::support::{Backend, World};

#[test]
fn openapi_json_is_up_to_date() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let now = api::openapi().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("UPDATE_GENERATED").is_some() {
        std::fs::write(&file, &now).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(committed == now, "api/openapi.json is old: UPDATE_GENERATED=1 cargo nextest run -p api openapi");
}

#[test]
fn every_schema_that_is_named_is_described() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                found.extend(map.get("$ref").and_then(Value::as_str).map(str::to_owned));
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let api = serde_json::to_value(api::openapi()).unwrap();
    assert_eq!(api["openapi"], "3.1.0");
    let mut found = Vec::new();
    references(&api, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        assert!(api.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn the_page_names_every_route_and_every_problem() {
    let world = World::new(Backend::Sqlite).await.unwrap();
    let served = world.anonymous().get("/api/v1/openapi.json").await;
    assert_eq!(served.expect(200).json(), serde_json::to_value(api::openapi()).unwrap());
    let page = world.anonymous().get("/api/docs").await;
    let page = String::from_utf8(page.expect(200).bytes.clone()).unwrap();
    for path in api::openapi().paths.paths.keys() {
        assert!(page.contains(path), "{path}");
    }
    assert!(page.contains("/problems/stale-revision"));
    assert!(page.contains("<a href=\"#Workspace\">Workspace</a>") && page.contains("<h3 id=\"Workspace\">"));
    let explained = world.anonymous().get("/problems/stale-revision").await;
    assert_eq!(
        explained.expect(200).bytes,
        page.as_bytes(),
        "the type of a problem leads to its explanation"
    );
    world.anonymous().get("/problems/nothing").await.expect(404);
    assert!(!page.contains("http://") && !page.contains("https://"), "no assets from elsewhere");
    world.end().await;
}

#[test]
fn sql_is_static_text() {
    fn sources(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in dir.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { sources(&path, found) } else { found.push(path) }
        }
    }
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 40);
    // Which tables there are, the database tells; see there.
    files.retain(|file| !file.ends_with("transfer/side.rs"));
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(!text.contains("AssertSqlSafe"), "{} builds SQL at run time", file.display());
    }
}
