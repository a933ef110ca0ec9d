//! What a person chose about their screens, kept per account. The server knows bounds, not meanings: fields and their
//! values are the IDE's, and one that an older IDE does not know stays as it is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Raised when a known field changes its meaning; a new field does not raise it.
pub const SETTINGS_VERSION: u16 = 1;

/// Fields of one account: the IDE has a dozen, and newer ones bring some more.
pub const MAX_SETTINGS: usize = 64;

/// Bytes of a field's name, and of a text as its value: both are words of the IDE, not of people.
pub const MAX_SETTING_NAME_BYTES: usize = 40;
pub const MAX_SETTING_TEXT_BYTES: usize = 200;

/// The value of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "a setting is true, false, a whole number or a text")]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub enum SettingValue {
    Switch(bool),
    Number(i64),
    Text(String),
}

/// `GET /api/v1/me/settings`, and the answer to `PATCH`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct Settings {
    pub version: u16,
    /// Only what was chosen; the rest is as the IDE has it by default.
    pub fields: BTreeMap<String, SettingValue>,
}

/// `PATCH /api/v1/me/settings`: the fields that change. `null` goes back to the default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(ts_rs::TS, utoipa::ToSchema))]
pub struct SettingsChange {
    pub version: u16,
    // OpenAPI's generator has no word for a map of values that may be null; the route's text says it.
    #[cfg_attr(feature = "schema", schema(value_type = BTreeMap<String, SettingValue>))]
    pub fields: BTreeMap<String, Option<SettingValue>>,
}

/// Why a change is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    #[error("version {0} of the settings is not spoken here, version {SETTINGS_VERSION} is")]
    Version(u16),
    #[error("an account has {MAX_SETTINGS} settings at most")]
    TooMany,
    #[error("a setting's name is up to {MAX_SETTING_NAME_BYTES} letters, digits and underscores")]
    Name,
    #[error("the text of `{0}` is longer than {MAX_SETTING_TEXT_BYTES} bytes or holds control characters")]
    Text(String),
}

impl SettingsChange {
    /// # Errors
    /// When it is not within the bounds above. Those already stored count too, which only the store can say.
    pub fn check(&self) -> Result<(), SettingsError> {
        if self.version != SETTINGS_VERSION {
            return Err(SettingsError::Version(self.version));
        }
        if self.fields.len() > MAX_SETTINGS {
            return Err(SettingsError::TooMany);
        }
        self.fields.iter().try_for_each(|(name, value)| check_field(name, value.as_ref()))
    }
}

fn check_field(name: &str, value: Option<&SettingValue>) -> Result<(), SettingsError> {
    let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if name.is_empty() || name.len() > MAX_SETTING_NAME_BYTES || !is_word {
        return Err(SettingsError::Name);
    }
    match value {
        Some(SettingValue::Text(text))
            if text.len() > MAX_SETTING_TEXT_BYTES || text.chars().any(char::is_control) =>
        {
            Err(SettingsError::Text(name.to_owned()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_within_the_bounds_are_taken_and_others_said_why() {
        let long = "x".repeat(MAX_SETTING_TEXT_BYTES + 1);
        let long_name = "x".repeat(MAX_SETTING_NAME_BYTES + 1);
        let text = |text: &str| Some(SettingValue::Text(text.to_owned()));
        type Row<'a> = (u16, &'a str, Option<SettingValue>, Result<(), SettingsError>);
        let rows: [Row<'_>; 9] = [
            (1, "theme", text("dark"), Ok(())),
            (1, "vimKeys", Some(SettingValue::Switch(true)), Ok(())),
            (1, "codeSize", None, Ok(())),
            (2, "theme", text("dark"), Err(SettingsError::Version(2))),
            (1, "", None, Err(SettingsError::Name)),
            (1, "a b", None, Err(SettingsError::Name)),
            (1, &long_name, None, Err(SettingsError::Name)),
            (1, "theme", text(&long), Err(SettingsError::Text("theme".to_owned()))),
            (1, "theme", text("a\u{1b}[2J"), Err(SettingsError::Text("theme".to_owned()))),
        ];
        for (version, name, value, wanted) in rows {
            let fields = BTreeMap::from([(name.to_owned(), value)]);
            assert_eq!(SettingsChange { version, fields }.check(), wanted, "{name}");
        }
        let fields = (0..=MAX_SETTINGS).map(|n| (format!("field{n}"), None)).collect();
        assert_eq!(SettingsChange { version: 1, fields }.check(), Err(SettingsError::TooMany));
    }
}
