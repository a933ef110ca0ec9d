//! Settings follow a person from device to device.

use ide_protocol::settings::{MAX_SETTINGS, Settings};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, LearnerClient, World};

const PATH: &str = "/api/v1/me/settings";

async fn change(person: &LearnerClient, fields: Value) -> Answer {
    person.http.send(Method::PATCH, PATH, Some(json!({ "version": 1, "fields": fields }))).await
}

async fn fields(person: &LearnerClient) -> Value {
    let settings: Settings = person.http.get(PATH).await.is(200);
    assert_eq!(settings.version, 1);
    json!(settings.fields)
}

story! {
    async fn two_devices_get_the_same_and_the_last_write_of_a_field_wins(world: World) {
        let laptop = world.learner().await;
        let phone = LearnerClient::log_in(&world.base, "learner").await;
        assert_eq!(fields(&laptop).await, json!({}), "nothing is chosen at first");
        change(&laptop, json!({ "theme": "dark", "codeSize": 16 })).await.expect(200);
        let answer = change(&phone, json!({ "theme": "light", "vimKeys": true, "ofTomorrow": "kept" })).await;
        let all = json!({ "codeSize": 16, "ofTomorrow": "kept", "theme": "light", "vimKeys": true });
        assert_eq!(answer.expect(200).json()["fields"], all, "the answer holds what the other device chose, too");
        assert_eq!(fields(&laptop).await, all);
        change(&laptop, json!({ "vimKeys": null, "neverChosen": null })).await.expect(200);
        assert_eq!(fields(&phone).await, json!({ "codeSize": 16, "ofTomorrow": "kept", "theme": "light" }));
        let other = world.log_in("other").await;
        assert_eq!(fields(&other).await, json!({}), "somebody else's are their own");
        world.end().await;
    }
}

story! {
    async fn devices_that_change_at_the_same_moment_all_win(world: World) {
        let person = world.learner().await;
        let puts = (0..8).map(|n| {
            let person = person.clone();
            tokio::spawn(async move { change(&person, json!({ format!("field{n}"): n })).await.expect(200).json() })
        });
        for one in puts.collect::<Vec<_>>() {
            one.await.unwrap();
        }
        assert_eq!(fields(&person).await.as_object().unwrap().len(), 8);
        world.end().await;
    }
}

story! {
    async fn what_is_out_of_bounds_is_refused_and_changes_nothing(world: World) {
        let person = world.learner().await;
        change(&person, json!({ "theme": "dark" })).await.expect(200);
        let rows = [
            json!({ "version": 2, "fields": { "theme": "light" } }),
            json!({ "version": 1, "fields": { "the me": "light" } }),
            json!({ "version": 1, "fields": { "theme": "x".repeat(201) } }),
            json!({ "version": 1, "fields": { "theme": ["light"] } }),
            json!({ "version": 1, "fields": { "theme": 1.5 } }),
            json!({ "version": 1, "fields": 7 }),
            json!({ "version": 1 }),
        ];
        for body in rows {
            let answer = person.http.send(Method::PATCH, PATH, Some(body.clone())).await;
            assert_eq!(answer.problem(422), "invalid", "{body}");
        }
        let many = |n: usize| Value::Object((0..n).map(|n| (format!("field{n}"), json!(true))).collect());
        assert_eq!(change(&person, many(MAX_SETTINGS)).await.problem(422), "invalid", "with the theme one too many");
        assert_eq!(fields(&person).await, json!({ "theme": "dark" }));
        change(&person, many(MAX_SETTINGS - 1)).await.expect(200);
        world.end().await;
    }
}
