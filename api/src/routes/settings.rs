//! What the caller chose about their screens, the same on every device.

use axum::Json;
use axum::extract::State;
use ide_protocol::rest::Problem;
use ide_protocol::settings::{SETTINGS_VERSION, Settings, SettingsChange, SettingsError};

use crate::clock;
use crate::identity::caller::SignedIn;
use crate::problem::{ApiError, Kind};
use crate::state::AppState;

/// Shows your settings
///
/// Only what you chose; the IDE knows the defaults.
#[utoipa::path(get, path = "/api/v1/me/settings", tag = "identity", responses(
    (status = 200, body = Settings), (status = 401, body = Problem)))]
pub(super) async fn get(
    State(app): State<AppState>,
    signed_in: SignedIn,
) -> Result<Json<Settings>, ApiError> {
    let fields = app.store.settings_of(signed_in.caller.id).await?;
    Ok(Json(Settings { version: SETTINGS_VERSION, fields }))
}

/// Changes settings of yours
///
/// Send the fields that change; `null` goes back to the default, and fields not named stay as they are. The last write
/// of a field wins. Answers all fields.
#[utoipa::path(patch, path = "/api/v1/me/settings", tag = "identity", request_body = SettingsChange, responses(
    (status = 200, body = Settings), (status = 401, body = Problem), (status = 422, body = Problem),
    (status = 429, body = Problem)))]
pub(super) async fn change(
    State(app): State<AppState>,
    signed_in: SignedIn,
    Json(change): Json<SettingsChange>,
) -> Result<Json<Settings>, ApiError> {
    change.check().map_err(refused)?;
    let account = signed_in.caller.id;
    app.rates.saves.take(account)?;
    let changed = app.store.change_settings(account, &change.fields, clock::now()).await?;
    let fields = changed.ok_or_else(|| refused(SettingsError::TooMany))?;
    Ok(Json(Settings { version: SETTINGS_VERSION, fields }))
}

fn refused(why: SettingsError) -> ApiError {
    ApiError::new(Kind::Invalid, format!("These settings are not kept: {why}."))
}
