//! Cases that no table can say, each a function named by `story` in its `case.toml`.

mod doors;
mod files;
mod hand_ins;
mod life;
mod machines;
mod protocol;
mod sessions;

use super::{Acted, Scene};

pub(super) async fn act(scene: Scene<'_>) -> anyhow::Result<Acted> {
    match scene.row.case.file.story.as_deref().unwrap_or_default() {
        "two_hand_ins_at_once" => hand_ins::two_at_once(scene).await,
        "listens_where_nobody_reaches" => sessions::listens_where_nobody_reaches(scene).await,
        "floods_a_page_that_stops_reading" => sessions::floods_a_page_that_stops_reading(scene).await,
        "shares_no_uid" => sessions::shares_no_uid(scene).await,
        "a_whole_life" => life::a_whole_life(scene).await,
        "settings_as_asked" => machines::settings_as_asked(scene).await,
        "agent_dies" => machines::agent_dies(scene).await,
        "a_message_in_tiny_pieces" => protocol::a_message_in_tiny_pieces(scene).await,
        "a_flood_of_pings" => protocol::a_flood_of_pings(scene).await,
        "half_open_connections" => doors::half_open_connections(scene).await,
        "a_page_that_never_reads" => protocol::a_page_that_never_reads(scene).await,
        "sizes_without_sense" => protocol::sizes_without_sense(scene).await,
        "numbers_that_do_not_join_on" => protocol::numbers_that_do_not_join_on(scene).await,
        "links_are_never_followed" => files::links_are_never_followed(scene).await,
        "a_folder_that_becomes_a_link" => files::a_folder_that_becomes_a_link(scene).await,
        "a_workspace_beyond_recognition" => files::a_workspace_beyond_recognition(scene).await,
        "names_that_mean_something" => files::names_that_mean_something(scene).await,
        "a_tree_without_end" => files::a_tree_without_end(scene).await,
        "a_lesson_that_is_a_trap" => files::a_lesson_that_is_a_trap(scene).await,
        "answers_that_nobody_reads" => doors::answers_that_nobody_reads(scene).await,
        other => anyhow::bail!("there is no story called {other:?}"),
    }
}
