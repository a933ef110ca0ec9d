//! The timeline: what a learner saved and handed in, what stood there then, and the way back.

use ide_protocol::timeline::{
    PastEntry, PastFile, PastFiles, PointChange, PointChangeKind, Restore, Restored, SavedBy, ThenAndNow,
    Timeline, TimelineEntry,
};
use job_queue::Lane;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::relay::{Joined, TAB, joined};
use crate::support::agent::{nobody, passed};
use crate::support::{LearnerClient, World};

/// Each entry in a line, as a learner would read it.
fn lines(timeline: &Timeline) -> Vec<String> {
    timeline.entries.iter().map(line).collect()
}

fn line(entry: &TimelineEntry) -> String {
    match entry {
        TimelineEntry::HandedIn { save, result, .. } => format!("{save} handed in: {result:?}"),
        TimelineEntry::Saved { save, changes, .. } => {
            let changes: Vec<_> = changes.iter().map(change).collect();
            format!("{save} {}", changes.join(", "))
        }
    }
}

fn change(PointChange { path, kind, by }: &PointChange) -> String {
    let sign = match kind {
        PointChangeKind::Added => '+',
        PointChangeKind::Changed => '~',
        PointChangeKind::Removed => '-',
    };
    let by: Vec<_> = by.iter().map(|by: &SavedBy| format!("{by:?}").to_lowercase()).collect();
    format!("{sign}{path} by {}", by.join("+"))
}

async fn files_at(learner: &LearnerClient, workspace: Uuid, save: u64) -> Vec<(String, ThenAndNow)> {
    let path = format!("/api/v1/workspaces/{workspace}/timeline/{save}");
    let past: PastFiles = learner.http.get(&path).await.is(200);
    past.files.into_iter().map(|PastEntry { path, compared }| (path.to_string(), compared)).collect()
}

async fn text_at(learner: &LearnerClient, workspace: Uuid, save: u64, path: &str) -> String {
    let path = format!("/api/v1/workspaces/{workspace}/timeline/{save}/files/{path}");
    let file: PastFile = learner.http.get(&path).await.is(200);
    String::from_utf8(file.content.into_bytes()).unwrap()
}

fn from_save(save: u64) -> Value {
    json!({ "from": { "type": "save", "save": save } })
}

fn starter() -> Value {
    json!({ "from": { "type": "starter" } })
}

fn paths(restored: &Restored) -> Vec<&str> {
    restored.changed.iter().map(|path| path.as_str()).collect()
}

fn undo(restored: &Restored) -> Value {
    serde_json::to_value::<&Restore>(restored.undo.as_ref().unwrap()).unwrap()
}

story! {
    async fn save_points_and_hand_ins_are_told_newest_first(world: World) {
        let learner = world.learner().await;
        let id = learner.open("double").await.id;
        assert_eq!(lines(&learner.timeline(id).await), ["1 +double.py by lesson"]);
        learner.save(id, "double.py", 1, "one").await;
        learner.save(id, "double.py", 2, "two").await;
        learner.save(id, "notes.md", 0, "n").await;
        learner.hand_in(id).await;
        learner.save(id, "double.py", 3, "three").await;
        let told = learner.timeline(id).await;
        assert_eq!(lines(&told), [
            "5 ~double.py by learner",
            "4 handed in: Waiting",
            "4 ~double.py by learner, +notes.md by learner",
            "1 +double.py by lesson",
        ]);
        assert_eq!((told.older, told.forgotten), (None, false));
        let job = world.agent().take(Lane::Grading).await;
        let (attempt, _) = job.start_grading().await;
        job.finish(attempt, passed()).await.expect(200);
        assert_eq!(lines(&learner.timeline(id).await)[1], "4 handed in: Passed");
        world.end().await;
    }
}

story! {
    async fn what_stood_there_then_is_read_beside_what_is_there_now(world: World) {
        let learner = world.learner().await;
        let id = learner.open("double").await.id;
        learner.save(id, "double.py", 1, "one").await;
        learner.save(id, "gone.txt", 0, "once").await;
        learner.save(id, "same.txt", 0, "always").await;
        let then = 4;
        learner.save(id, "double.py", 2, "two").await;
        learner.remove(id, "gone.txt", 1).await.expect(204);
        learner.save(id, "new.txt", 0, "new").await;
        assert_eq!(files_at(&learner, id, then).await, [
            ("double.py".to_owned(), ThenAndNow::Different),
            ("gone.txt".to_owned(), ThenAndNow::OnlyThen),
            ("new.txt".to_owned(), ThenAndNow::OnlyNow),
            ("same.txt".to_owned(), ThenAndNow::Same),
        ]);
        assert_eq!(text_at(&learner, id, then, "double.py").await, "one");
        assert_eq!(text_at(&learner, id, then, "gone.txt").await, "once");
        for nowhere in ["4/files/new.txt", "99", "99/files/double.py"] {
            let path = format!("/api/v1/workspaces/{id}/timeline/{nowhere}");
            assert_eq!(learner.http.get(&path).await.problem(404), "not-found");
        }
        world.end().await;
    }
}

story! {
    async fn a_restore_is_a_save_that_can_be_undone(world: World) {
        let learner = world.learner().await;
        let id = learner.open("double").await.id;
        learner.save(id, "double.py", 1, "one").await;
        learner.save(id, "gone.txt", 0, "once").await;
        learner.save(id, "double.py", 2, "two").await;
        learner.remove(id, "gone.txt", 1).await.expect(204);
        learner.save(id, "new.txt", 0, "new").await;

        let restored = learner.restore(id, from_save(3)).await;
        assert_eq!(paths(&restored), ["double.py", "gone.txt", "new.txt"]);
        assert_eq!(learner.read(id, "double.py").await, "one");
        assert_eq!(learner.read(id, "gone.txt").await, "once");
        learner.try_read(id, "new.txt").await.expect(404);
        assert_eq!(lines(&learner.timeline(id).await)[0], "9 -new.txt by restored, ~double.py by restored, +gone.txt by restored");
        assert_eq!(paths(&learner.restore(id, from_save(3)).await), [""; 0], "it is so already");

        let undone = learner.restore(id, undo(&restored)).await;
        assert_eq!(paths(&undone), ["double.py", "gone.txt", "new.txt"]);
        assert_eq!(learner.read(id, "double.py").await, "two");
        assert_eq!(learner.read(id, "new.txt").await, "new");
        learner.try_read(id, "gone.txt").await.expect(404);
        let listed: Vec<_> = undone.workspace.files.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(listed, ["double.py", "new.txt", "test_double.py"]);
        let again = learner.restore(id, undo(&undone)).await;
        assert_eq!(paths(&again).len(), 3, "an undo is undone like anything else");
        let stale = learner.try_save(id, "double.py", 3, "on what was there before").await;
        assert_eq!(stale.problem(412), "stale-revision");
        let events = world.store().await.events_of(&format!("workspace:{id}"), 100).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.kind == "files_restored").count(), 3);
        world.end().await;
    }
}

story! {
    async fn one_file_is_restored_and_the_others_are_left_alone(world: World) {
        let learner = world.learner().await;
        let id = learner.open("double").await.id;
        learner.save(id, "double.py", 1, "one").await;
        learner.save(id, "a", 0, "a").await;
        learner.save(id, "double.py", 2, "two").await;
        let mut one = from_save(1);
        one["paths"] = json!(["double.py"]);
        assert_eq!(paths(&learner.restore(id, one).await), ["double.py"]);
        assert_eq!(learner.read(id, "a").await, "a");
        // A file where there is a folder now is refused as a whole.
        learner.remove(id, "a", 1).await.expect(204);
        learner.save(id, "a/b", 0, "below").await;
        let mut in_the_way = from_save(3);
        in_the_way["paths"] = json!(["a", "double.py"]);
        assert_eq!(learner.try_restore(id, &in_the_way).await.problem(409), "already-exists");
        assert!(learner.read(id, "double.py").await.contains("pass"));
        let mut lessons = from_save(1);
        lessons["paths"] = json!(["test_double.py"]);
        assert_eq!(paths(&learner.restore(id, lessons).await), [""; 0], "the lesson's own files stay");
        world.end().await;
    }
}

story! {
    async fn a_hand_in_is_read_and_restored_as_it_was_handed_in(world: World) {
        let learner = world.learner().await;
        let id = learner.open("double").await.id;
        learner.save(id, "double.py", 1, "handed in").await;
        learner.save(id, "mine.txt", 0, "not handed in").await;
        let submission = learner.hand_in(id).await.id;
        learner.save(id, "double.py", 2, "later").await;
        learner.save(id, "mine.txt", 1, "later").await;
        let path = format!("/api/v1/submissions/{submission}/files");
        let past: PastFiles = learner.http.get(&path).await.is(200);
        let then: Vec<_> = past.files.iter().map(|entry| (entry.path.as_str(), entry.compared)).collect();
        assert_eq!(then, [("double.py", ThenAndNow::Different), ("mine.txt", ThenAndNow::OnlyNow)]);
        let file: PastFile = learner.http.get(&format!("{path}/double.py")).await.is(200);
        assert_eq!(file.content.as_bytes(), b"handed in");
        let from = json!({ "from": { "type": "submission", "submission": submission } });
        assert_eq!(paths(&learner.restore(id, from.clone()).await), ["double.py"]);
        assert_eq!(learner.read(id, "double.py").await, "handed in");
        assert_eq!(learner.read(id, "mine.txt").await, "later");
        // Somebody else's, and none at all.
        let other = world.log_in("other").await;
        let theirs = other.open("double").await.id;
        assert_eq!(other.try_restore(theirs, &from).await.problem(404), "not-found");
        let none = json!({ "from": { "type": "submission", "submission": nobody() } });
        assert_eq!(learner.try_restore(id, &none).await.problem(404), "not-found");
        world.end().await;
    }
}

story! {
    async fn a_lesson_is_reset_and_the_reset_undone(world: World) {
        let learner = world.learner().await;
        let id = learner.open("double").await.id;
        learner.save(id, "double.py", 1, "broken").await;
        learner.save(id, "mine.txt", 0, "mine").await;
        let mut one = starter();
        one["paths"] = json!(["double.py"]);
        learner.restore(id, one).await;
        assert!(learner.read(id, "double.py").await.contains("pass"));
        assert_eq!(learner.read(id, "mine.txt").await, "mine");
        let reset = learner.restore(id, starter()).await;
        assert_eq!(paths(&reset), ["mine.txt"]);
        assert_eq!(lines(&learner.timeline(id).await)[0], "5 -mine.txt by reset");
        learner.restore(id, undo(&reset)).await;
        assert_eq!(learner.read(id, "mine.txt").await, "mine");
        world.end().await;
    }
}

story! {
    async fn a_restore_reaches_the_container_and_the_other_tabs(world: World) {
        let Joined { learner, workspace, mut tab, mut agent, .. } = joined(&world).await;
        learner.save(workspace, "double.py", 1, "mine").await;
        learner.save(workspace, "mine.txt", 0, "mine").await;
        for _ in 0..2 {
            agent.hears("file_saved").await;
            tab.hears("file_changed").await;
        }
        let me = learner.http.with("gradus-client", &TAB.to_string());
        me.post(&format!("/api/v1/workspaces/{workspace}/restores"), Some(starter())).await.expect(200);
        let removed = agent.hears("file_removed").await;
        assert_eq!((&removed["path"], &removed["revision"]), (&json!("mine.txt"), &json!(2)));
        let saved = agent.hears("file_saved").await;
        assert_eq!((&saved["path"], &saved["revision"]), (&json!("double.py"), &json!(3)));
        let told = tab.hears("file_changed").await;
        assert_eq!(told["origin"], json!({ "type": "client", "client": TAB }));
        world.end().await;
    }
}

story! {
    async fn what_programs_did_is_told_as_theirs(world: World) {
        let Joined { learner, workspace, mut agent, tab: _tab, .. } = joined(&world).await;
        let content = json!({ "encoding": "text", "data": "made" });
        let change = json!({ "type": "written", "content": content, "executable": false });
        agent.say(json!({ "type": "workspace_changed", "path": "out", "base_revision": 0, "change": change })).await;
        agent.hears("change_stored").await;
        assert_eq!(lines(&learner.timeline(workspace).await)[0], "2 +out by program");
        world.end().await;
    }
}

story! {
    async fn every_state_still_told_is_whole_even_when_older_saves_are_forgotten(world: World) {
        let learner = world.learner().await;
        let id = learner.open("double").await.id;
        learner.save(id, "old.txt", 0, "from long ago").await;
        learner.save(id, "removed.txt", 0, "x").await;
        learner.remove(id, "removed.txt", 1).await.expect(204);
        let store = world.store().await;
        let path = ide_protocol::files::WorkspacePath::new("busy").unwrap();
        for base in 0..2_100_u64 {
            let text = base.to_string();
            let content = Some((text.as_bytes(), false));
            let origin = api::store::Origin::Learner;
            let save = api::store::Save { workspace: id, path: &path, base, content, origin };
            store.save_file(save, &api::store::Actor::System, i64::try_from(base).unwrap() * 61_000_000).await.unwrap();
        }
        learner.save(id, "old.txt", 1, "changed at last").await;
        let mut page = learner.timeline(id).await;
        assert!(page.forgotten);
        let mut told = page.entries;
        while let Some(before) = page.older {
            page = learner.http.get(&format!("/api/v1/workspaces/{id}/timeline?before={before}")).await.is(200);
            told.extend(page.entries);
        }
        let TimelineEntry::Saved { save: oldest, .. } = *told.last().unwrap() else { panic!("no point") };
        assert!((2_000..2_040).contains(&told.len()), "{}", told.len());
        assert_eq!(text_at(&learner, id, oldest, "old.txt").await, "from long ago");
        let names: Vec<_> = files_at(&learner, id, oldest).await.into_iter().map(|(path, _)| path).collect();
        assert_eq!(names, ["busy", "double.py", "old.txt"]);
        learner.restore(id, from_save(oldest)).await;
        assert_eq!(learner.read(id, "old.txt").await, "from long ago");
        let forgotten = format!("/api/v1/workspaces/{id}/timeline/2");
        assert_eq!(learner.http.get(&forgotten).await.problem(404), "not-found");
        assert_eq!(learner.try_restore(id, &from_save(2)).await.problem(404), "not-found");
        assert!(matches!(told[0], TimelineEntry::Saved { .. }));
        world.end().await;
    }
}
