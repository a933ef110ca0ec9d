//! The built IDE, served.

use crate::support::{Backend, World};

async fn world_with_ide() -> (World, tempfile::TempDir) {
    let ide = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| std::fs::write(ide.path().join(name), content).unwrap();
    std::fs::create_dir(ide.path().join("assets")).unwrap();
    write("index.html", "<!doctype html>the app");
    write("assets/app-1a2b.js", "plain");
    write("assets/app-1a2b.js.br", "brotli");
    write("assets/app-1a2b.js.gz", "gzip");
    let dir = ide.path().to_owned();
    (World::with(Backend::Sqlite, |config| config.ide_dir = Some(dir)).await.unwrap(), ide)
}

#[tokio::test]
async fn hashed_files_are_cached_for_good_and_come_compressed() {
    let (world, _ide) = world_with_ide().await;
    let nobody = world.anonymous();
    for (accepts, body, encoding) in
        [("br, gzip", "brotli", Some("br")), ("gzip", "gzip", Some("gzip")), ("", "plain", None)]
    {
        let answer = nobody.with("accept-encoding", accepts).get("/assets/app-1a2b.js").await;
        assert_eq!(answer.expect(200).bytes, body.as_bytes());
        assert_eq!(answer.headers.get("content-encoding").map(|e| e.to_str().unwrap()), encoding);
        assert_eq!(answer.headers["cache-control"], "public, max-age=31536000, immutable");
        assert_eq!(answer.headers["content-type"], "text/javascript");
    }
    world.end().await;
}

#[tokio::test]
async fn the_apps_addresses_answer_its_page_and_others_do_not() {
    let (world, _ide) = world_with_ide().await;
    let nobody = world.anonymous();
    for path in ["/", "/lessons", "/lessons/double", "/login?next=%2F"] {
        let answer = nobody.get(path).await;
        assert_eq!(answer.expect(200).bytes, b"<!doctype html>the app", "{path}");
        assert_eq!(answer.headers["cache-control"], "no-cache");
        let policy = answer.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"),
            "{policy}"
        );
    }
    for path in ["/api/v1/nothing", "/assets/app-old.js", "/agent/v1/nothing"] {
        assert_eq!(nobody.get(path).await.problem(404), "not-found", "{path}");
    }
    assert_eq!(nobody.post("/lessons", None).await.status, 404);
    for path in ["/../Cargo.toml", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fetc/passwd"] {
        let answer = nobody.get(path).await;
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("root:"), "{path}");
    }
    world.end().await;
}
