//! A learner's files: saved on a revision, never lost silently, bounded.

use ide_protocol::files::FileRole;
use ide_protocol::rest::{LessonDetail, LessonSummary, Progress, StoredFile};
use serde_json::json;

use crate::support::World;
use crate::support::agent::nobody;
use crate::support::world::lesson;

story! {
    async fn lessons_are_listed_in_course_order_and_hide_what_is_hidden(world: World) {
        let learner = world.learner().await;
        let list: Vec<LessonSummary> = learner.http.get("/api/v1/lessons").await.is(200);
        let slugs: Vec<_> = list.iter().map(|lesson| (lesson.slug.as_str(), lesson.progress)).collect();
        assert_eq!(slugs, [("double", Progress::NotStarted), ("greet", Progress::NotStarted)]);
        learner.open("double").await;
        let answer = learner.http.get("/api/v1/lessons/double").await;
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("test_hidden"), "hidden names stay hidden");
        let detail: LessonDetail = answer.is(200);
        assert_eq!((detail.summary.progress, detail.next.as_deref()), (Progress::Started, Some("greet")));
        assert_eq!((detail.tests.visible.len(), detail.tests.hidden, detail.hints), (1, 1, 2));
        learner.http.get("/api/v1/lessons/nothing").await.expect(404);
        world.end().await;
    }
}

story! {
    async fn a_workspace_starts_from_the_lesson_and_is_the_same_next_time(world: World) {
        let learner = world.learner().await;
        let workspace = learner.open("double").await;
        let files: Vec<_> = workspace.files.iter().map(|f| (f.path.as_str(), f.role, f.revision)).collect();
        assert_eq!(files, [("double.py", FileRole::Editable, 1), ("test_double.py", FileRole::ReadOnly, 1)]);
        assert_eq!(learner.read(workspace.id, "double.py").await, "def double(n):\n    pass\n");
        assert_eq!(learner.open("double").await.id, workspace.id);
        assert_ne!(world.log_in("other").await.open("double").await.id, workspace.id);
        learner.try_read(workspace.id, "test_hidden.py").await.expect(404);
        world.end().await;
    }
}

story! {
    async fn a_save_needs_the_revision_it_is_based_on(world: World) {
        let learner = world.learner().await;
        let id = learner.open("double").await.id;
        assert_eq!(learner.save(id, "double.py", 1, "mine").await, 2);
        let stale = learner.try_save(id, "double.py", 1, "another tab's").await;
        assert_eq!(stale.problem(412), "stale-revision");
        let current: StoredFile = serde_json::from_value(stale.json()["current"].clone()).unwrap();
        assert_eq!((current.revision, current.content.as_bytes()), (2, b"mine".as_slice()));
        // A repeated request whose answer was lost is answered as the first one.
        assert_eq!(learner.save(id, "double.py", 1, "mine").await, 2);
        let read = learner.try_read(id, "double.py").await;
        assert_eq!(read.expect(200).headers["etag"], "\"2\"");
        let url = format!("/api/v1/workspaces/{id}/files/double.py");
        let body = json!({ "content": { "encoding": "text", "data": "x" } });
        let no_base = learner.http.send(reqwest::Method::PUT, &url, Some(body)).await;
        assert_eq!(no_base.problem(400), "missing-header");
        world.end().await;
    }
}

story! {
    async fn revisions_grow_across_removals(world: World) {
        let learner = world.learner().await;
        let id = learner.open("double").await.id;
        assert_eq!(learner.save(id, "notes/a.txt", 0, "one").await, 1);
        assert_eq!(learner.try_save(id, "notes/a.txt", 0, "two").await.problem(412), "stale-revision");
        assert_eq!(learner.remove(id, "notes/a.txt", 9).await.problem(412), "stale-revision");
        learner.remove(id, "notes/a.txt", 1).await.expect(204);
        learner.try_read(id, "notes/a.txt").await.expect(404);
        assert_eq!(learner.save(id, "notes/a.txt", 0, "again").await, 3);
        world.end().await;
    }
}

story! {
    async fn the_lessons_own_files_cannot_be_changed(world: World) {
        let learner = world.learner().await;
        let id = learner.open("double").await.id;
        assert_eq!(learner.try_save(id, "test_double.py", 1, "pass").await.problem(403), "read-only-file");
        assert_eq!(learner.remove(id, "test_double.py", 1).await.problem(403), "read-only-file");
        for (from, to) in [("test_double.py", "mine.py"), ("double.py", "test_double.py"), ("double.py", "test_double.py/x")] {
            let path = format!("/api/v1/workspaces/{id}/renames");
            let status = learner.http.post(&path, Some(json!({ "from": from, "to": to }))).await.status;
            assert!(status == 403 || status == 409, "{from} to {to}: {status}");
        }
        world.end().await;
    }
}

story! {
    async fn files_and_folders_are_renamed_and_nothing_is_replaced(world: World) {
        let learner = world.learner().await;
        let id = learner.open("double").await.id;
        let rename = async |from: &str, to: &str| {
            let path = format!("/api/v1/workspaces/{id}/renames");
            learner.http.post(&path, Some(json!({ "from": from, "to": to }))).await
        };
        learner.save(id, "src/a.py", 0, "a").await;
        learner.save(id, "src/deep/b.py", 0, "b").await;
        rename("src", "lib").await.expect(200);
        let paths: Vec<_> = learner.workspace(id).await.files.iter().map(|f| f.path.to_string()).collect();
        assert_eq!(paths, ["double.py", "lib/a.py", "lib/deep/b.py", "test_double.py"]);
        assert_eq!(learner.read(id, "lib/deep/b.py").await, "b");
        assert_eq!(rename("lib/a.py", "double.py").await.problem(409), "already-exists");
        assert_eq!(rename("double.py", "lib").await.problem(409), "already-exists");
        assert_eq!(rename("nothing", "x").await.problem(404), "not-found");
        assert_eq!(learner.workspace(id).await.files.len(), 4, "a refused rename changes nothing");
        rename("lib/a.py", "src").await.expect(200);
        assert_eq!(learner.read(id, "src").await, "a");
        world.end().await;
    }
}

story! {
    async fn a_workspace_has_bounds(world: World) {
        let learner = world.learner().await;
        let id = learner.open("double").await.id;
        let big = "x".repeat(1024 * 1024);
        assert_eq!(learner.try_save(id, "big", 0, &format!("{big}x")).await.problem(413), "too-large");
        for n in 0..7 {
            learner.save(id, &format!("big{n}"), 0, &big).await;
        }
        let full = learner.try_save(id, "big8", 0, &big).await;
        assert_eq!(full.problem(413), "too-large");
        assert!(full.json()["detail"].as_str().unwrap().contains("8 MiB"));
        assert_eq!(learner.try_save(id, "big0/below", 0, "x").await.problem(409), "already-exists");
        let huge = learner.try_save(id, "huge", 0, &"x".repeat(3 * 1024 * 1024)).await;
        assert_eq!(huge.problem(413), "too-large");
        world.end().await;
    }
}

story! {
    async fn paths_stay_inside(world: World) {
        let learner = world.learner().await;
        let id = learner.open("double").await.id;
        for path in ["..%2Fx", "a%2F..%2Fx", "a%2F", "a//b", "a%5Cb", "a%00b", "%2Fetc%2Fpasswd", &"x".repeat(300)] {
            let status = learner.try_save(id, path, 0, "x").await.status;
            assert!(status.is_client_error(), "{path}: {status}");
        }
        world.end().await;
    }
}

story! {
    async fn a_new_lesson_version_keeps_what_the_learner_wrote(world: World) {
        let learner = world.learner().await;
        let before = learner.open("double").await;
        learner.save(before.id, "double.py", 1, "mine").await;
        let mut newer = lesson("double");
        let mut extra = newer.files.values().next().unwrap().clone();
        extra.content = b"new in this version".to_vec();
        let path = ide_protocol::files::WorkspacePath::new("extra.py").unwrap();
        newer.manifest.files.push(lesson::FileSpec {
            path: path.clone(),
            role: FileRole::Editable,
            executable: false,
        });
        newer.files.insert(path, extra);
        assert!(api::setup::publish(&world.store().await, &newer).await.unwrap());
        let after = learner.open("double").await;
        assert_eq!(after.id, before.id);
        assert_eq!(learner.read(after.id, "double.py").await, "mine");
        assert_eq!(learner.read(after.id, "extra.py").await, "new in this version");
        assert_eq!(learner.remove(after.id, "extra.py", 1).await.status, 204);
        learner.open("double").await;
        learner.try_read(after.id, "extra.py").await.expect(404);
        learner.http.get(&format!("/api/v1/workspaces/{}", nobody())).await.expect(404);
        world.end().await;
    }
}

story! {
    async fn history_is_bounded_and_revisions_grow_even_when_it_forgets(world: World) {
        let learner = world.learner().await;
        let id = learner.open("double").await.id;
        learner.save(id, "gone", 0, "x").await;
        learner.remove(id, "gone", 1).await.expect(204);
        let store = world.store().await;
        let path = ide_protocol::files::WorkspacePath::new("busy").unwrap();
        let actor = api::store::Actor::System;
        for base in 0..2_100_u64 {
            let text = base.to_string();
            let content = Some((text.as_bytes(), false));
            let origin = api::store::Origin::Learner;
            let save = api::store::Save { workspace: id, path: &path, base, content, origin };
            store.save_file(save, &actor, 0).await.unwrap();
        }
        assert!(store.revisions_kept(id).await.unwrap() <= 2_000 + 32 + 2, "and one per file from before");
        assert_eq!(learner.save(id, "gone", 0, "back").await, 3, "above what was forgotten");
        world.end().await;
    }
}
