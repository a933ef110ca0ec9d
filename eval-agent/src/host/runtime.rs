//! Which runtime containers get, and what version of it is installed.

use std::process::Stdio;
use std::time::Duration;

use bollard::models::SystemInfo;
use tokio::process::Command;

use super::HostError;

/// For `--version`, which starts and ends.
const VERSION_DEADLINE: Duration = Duration::from_secs(3);
/// More is not a version.
const MAX_VERSION_CHARS: usize = 64;
/// Runtimes that containerd finds by name (`io.containerd.kata.v2`) need no entry in the engine's list.
const CONTAINERD_PREFIX: &str = "io.containerd.";

/// The operator's, if the engine can have it; else the engine's own.
pub(super) fn chosen(info: &SystemInfo, wanted: Option<&str>) -> Result<String, HostError> {
    let Some(wanted) = wanted else {
        return Ok(info.default_runtime.clone().unwrap_or_else(|| "runc".to_owned()));
    };
    let mut known: Vec<_> = info.runtimes.iter().flatten().map(|(name, _)| name.clone()).collect();
    if known.iter().any(|name| name == wanted) || wanted.starts_with(CONTAINERD_PREFIX) {
        return Ok(wanted.to_owned());
    }
    known.sort();
    Err(HostError::NoSuchRuntime { wanted: wanted.to_owned(), known })
}

/// What the runtime's own program says: the first thing in its first lines that looks like a version.
pub(super) async fn version(info: &SystemInfo, name: &str) -> Option<String> {
    let path = info.runtimes.as_ref()?.get(name)?.path.as_deref().filter(|path| path.starts_with('/'))?;
    let asked = Command::new(path)
        .arg("--version")
        .env_clear()
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let said = tokio::time::timeout(VERSION_DEADLINE, asked).await.ok()?.ok()?;
    version_in(&String::from_utf8_lossy(&said.stdout))
}

/// `runsc version release-20240212.0`, `crun version 1.8.1`, `kata-runtime  : 3.2.0`.
fn version_in(text: &str) -> Option<String> {
    let word = text.split_whitespace().find(|word| word.chars().any(|c| c.is_ascii_digit()))?;
    Some(word.chars().take(MAX_VERSION_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use bollard::models::Runtime;

    use super::*;

    fn info() -> SystemInfo {
        let names = ["runc", "runsc"].map(|name| (name.to_owned(), Runtime::default()));
        SystemInfo {
            runtimes: Some(HashMap::from(names)),
            default_runtime: Some("runc".to_owned()),
            ..SystemInfo::default()
        }
    }

    #[test]
    fn a_runtime_is_the_operators_if_the_engine_has_it() {
        let rows = [
            (None, "runc"),
            (Some("runsc"), "runsc"),
            (Some("io.containerd.kata.v2"), "io.containerd.kata.v2"),
        ];
        for (wanted, name) in rows {
            assert_eq!(chosen(&info(), wanted).unwrap(), name);
        }
        let refusal = chosen(&info(), Some("rusnc")).unwrap_err().to_string();
        assert!(refusal.contains("no runtime \"rusnc\" (it has runc, runsc)"), "{refusal}");
    }

    #[test]
    fn versions_are_found_in_what_runtimes_say() {
        let rows = [
            ("runsc version release-20240212.0\nspec: 1.1.0-rc.1\n", Some("release-20240212.0")),
            ("crun version 1.8.1\ncommit: f8a096\n", Some("1.8.1")),
            ("kata-runtime  : 3.2.0\n   commit   : x\n", Some("3.2.0")),
            ("who knows", None),
        ];
        for (text, version) in rows {
            assert_eq!(version_in(text).as_deref(), version, "{text}");
        }
    }
}
