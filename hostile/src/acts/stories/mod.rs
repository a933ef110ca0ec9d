//! Cases that no table can say, each a function named by `story` in its `case.toml`.

mod hand_ins;
mod machines;
mod sessions;

use super::{Acted, Scene};

pub(super) async fn act(scene: Scene<'_>) -> anyhow::Result<Acted> {
    match scene.row.case.file.story.as_deref().unwrap_or_default() {
        "two_hand_ins_at_once" => hand_ins::two_at_once(scene).await,
        "listens_where_nobody_reaches" => sessions::listens_where_nobody_reaches(scene).await,
        "floods_a_page_that_stops_reading" => sessions::floods_a_page_that_stops_reading(scene).await,
        "shares_no_uid" => sessions::shares_no_uid(scene).await,
        "settings_as_asked" => machines::settings_as_asked(scene).await,
        "agent_dies" => machines::agent_dies(scene).await,
        other => anyhow::bail!("there is no story called {other:?}"),
    }
}
