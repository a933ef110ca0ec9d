//! Files during a session: the store is the truth, the container holds a working copy, tabs hear of both.

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::relay::{Joined, TAB, joined};
use crate::support::World;

fn changed(path: &str, base: u64, text: &str) -> Value {
    let content = json!({ "encoding": "text", "data": text });
    let change = json!({ "type": "written", "content": content, "executable": false });
    json!({ "type": "workspace_changed", "path": path, "base_revision": base, "change": change })
}

fn removed(path: &str, base: u64) -> Value {
    json!({ "type": "workspace_changed", "path": path, "base_revision": base, "change": { "type": "removed" } })
}

story! {
    async fn a_save_reaches_the_container_and_the_other_tabs(world: World) {
        let Joined { learner, workspace, mut tab, mut agent, .. } = joined(&world).await;
        let path = format!("/api/v1/workspaces/{workspace}/files/double.py");
        let me = learner.http.with("if-match", "\"1\"").with("gradus-client", &TAB.to_string());
        let body = json!({ "content": { "encoding": "text", "data": "mine" }, "executable": true });
        me.send(Method::PUT, &path, Some(body)).await.expect(200);
        let saved = agent.hears("file_saved").await;
        assert_eq!((&saved["revision"], &saved["content"]["data"], &saved["executable"]), (&json!(2), &json!("mine"), &json!(true)));
        let told = tab.hears("file_changed").await;
        assert_eq!(told["origin"], json!({ "type": "client", "client": TAB }));
        learner.remove(workspace, "double.py", 2).await.expect(204);
        assert_eq!(agent.hears("file_removed").await["revision"], 3);
        assert_eq!(tab.hears("file_changed").await["removed"], true);
        learner.save(workspace, "a.py", 0, "a").await;
        agent.hears("file_saved").await;
        tab.hears("file_changed").await;
        let rename = json!({ "from": "a.py", "to": "b.py" });
        learner.http.post(&format!("/api/v1/workspaces/{workspace}/renames"), Some(rename)).await.expect(200);
        assert_eq!(agent.hears("file_saved").await["path"], "b.py");
        assert_eq!(agent.hears("file_removed").await["path"], "a.py");
        world.end().await;
    }
}

story! {
    async fn what_a_program_writes_is_stored_and_told(world: World) {
        let Joined { learner, workspace, mut tab, mut agent, .. } = joined(&world).await;
        agent.say(changed("out/report.txt", 0, "made by a program")).await;
        let stored = agent.hears("change_stored").await;
        assert_eq!((&stored["path"], &stored["revision"]), (&json!("out/report.txt"), &json!(1)));
        let told = tab.hears("file_changed").await;
        assert_eq!((&told["revision"], &told["origin"]["type"]), (&json!(1), &json!("container")));
        assert_eq!(learner.read(workspace, "out/report.txt").await, "made by a program");
        agent.say(changed("out/report.txt", 1, "made by a program")).await;
        assert_eq!(agent.hears("change_stored").await["revision"], 1, "nothing new is not stored again");
        agent.say(removed("out/report.txt", 1)).await;
        assert_eq!(agent.hears("change_stored").await["revision"], 2);
        assert_eq!(tab.hears("file_changed").await["removed"], true);
        agent.say(removed("never/was", 0)).await;
        assert_eq!(agent.hears("change_stored").await["revision"], 0);
        world.end().await;
    }
}

story! {
    async fn a_conflict_keeps_both(world: World) {
        let Joined { learner, workspace, mut tab, mut agent, .. } = joined(&world).await;
        learner.save(workspace, "double.py", 1, "the learner's").await;
        agent.hears("file_saved").await;
        tab.hears("file_changed").await;
        agent.say(changed("double.py", 1, "the formatter's")).await;
        let answer = agent.hears("change_conflicted").await;
        assert_eq!((&answer["path"], &answer["kept_as"]), (&json!("double.py"), &json!("double (conflict 1).py")));
        let first = agent.hears("file_saved").await;
        assert_eq!((&first["path"], &first["content"]["data"]), (&json!("double.py"), &json!("the learner's")));
        let second = agent.hears("file_saved").await;
        assert_eq!((&second["path"], &second["revision"]), (&json!("double (conflict 1).py"), &json!(1)));
        assert_eq!(tab.hears("file_changed").await["path"], "double (conflict 1).py");
        assert_eq!(learner.read(workspace, "double.py").await, "the learner's");
        assert_eq!(learner.read(workspace, "double%20(conflict%201).py").await, "the formatter's");
        agent.say(changed("double.py", 1, "the formatter's, again")).await;
        assert_eq!(agent.hears("change_conflicted").await["kept_as"], "double (conflict 2).py");
        world.end().await;
    }
}

story! {
    async fn a_removal_that_lost_is_undone_and_a_change_that_won_is_kept(world: World) {
        let Joined { learner, workspace, mut agent, tab: _tab, .. } = joined(&world).await;
        learner.save(workspace, "double.py", 1, "newer").await;
        agent.hears("file_saved").await;
        agent.say(removed("double.py", 1)).await;
        assert_eq!(agent.hears("change_conflicted").await["kept_as"], "double.py");
        assert_eq!(agent.hears("file_saved").await["revision"], 2);
        learner.remove(workspace, "double.py", 2).await.expect(204);
        agent.hears("file_removed").await;
        agent.say(changed("double.py", 2, "the container's")).await;
        assert_eq!(agent.hears("change_stored").await["revision"], 4);
        assert_eq!(learner.read(workspace, "double.py").await, "the container's");
        world.end().await;
    }
}

story! {
    async fn what_cannot_be_kept_is_refused_in_words(world: World) {
        let Joined { learner, workspace, mut agent, tab: _tab, .. } = joined(&world).await;
        agent.say(changed("test_double.py", 0, "pass")).await;
        assert!(agent.hears("change_refused").await["reason"].as_str().unwrap().contains("part of the lesson"));
        agent.say(changed("big", 0, &"x".repeat(1024 * 1024 + 1))).await;
        assert!(agent.hears("change_refused").await["reason"].as_str().unwrap().contains("1024 KiB"));
        agent.say(changed("double.py/below", 0, "x")).await;
        assert!(agent.hears("change_refused").await["reason"].as_str().unwrap().contains("in the way"));
        for n in 0..499 {
            agent.say(changed(&format!("many/{n}"), 0, "x")).await;
            agent.hears("change_stored").await;
        }
        agent.say(changed("many/one-more", 0, "x")).await;
        assert!(agent.hears("change_refused").await["reason"].as_str().unwrap().contains("500 files"));
        assert_eq!(learner.workspace(workspace).await.files.len(), 501, "500 and the lesson's own");
        world.end().await;
    }
}

story! {
    async fn an_agent_that_was_away_is_brought_up_to_date(world: World) {
        let Joined { learner, workspace, job, agent, mut tab, .. } = joined(&world).await;
        drop(agent);
        learner.save(workspace, "double.py", 1, "saved meanwhile").await;
        learner.save(workspace, "a.py", 0, "a").await;
        learner.remove(workspace, "a.py", 1).await.expect(204);
        for _ in 0..3 {
            tab.hears("file_changed").await;
        }
        let mut agent = job.dial().await;
        let saved = agent.hears("file_saved").await;
        assert_eq!((&saved["path"], &saved["revision"]), (&json!("double.py"), &json!(2)));
        assert_eq!(agent.hears("file_removed").await["path"], "a.py");
        assert_eq!(agent.hears("viewer_joined").await["client"], json!(TAB));
        let elsewhere = world.log_in("other").await.open("double").await.id;
        assert_ne!(elsewhere, Uuid::nil());
        world.end().await;
    }
}
