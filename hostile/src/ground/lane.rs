//! Containers that the agent made without the engine (`--dense`), as the runtime's own files tell of them.

use std::path::{Path, PathBuf};

use super::ContainerSeen;

/// Below the agent's folder: what the runtime keeps, a folder for each container.
const STATE: &str = ".dense/state";

/// The agent's folder for sockets and the like.
pub(super) struct Lane {
    pub(super) run_dir: PathBuf,
}

impl Lane {
    /// Those whose PID 1 is there.
    pub(super) fn containers(&self) -> Vec<ContainerSeen> {
        let entries = std::fs::read_dir(self.run_dir.join(STATE)).into_iter().flatten().flatten();
        let alive = entries.filter(|entry| is_alive(&entry.path()));
        let names = alive.filter_map(|entry| entry.file_name().into_string().ok());
        names.map(|name| ContainerSeen { name, state: "running".to_owned(), written_bytes: 0 }).collect()
    }

    pub(super) fn holds(&self, name: &str) -> bool {
        self.run_dir.join(STATE).join(name).is_dir()
    }
}

/// By runc's own note of the process id; what cannot be read is being made or taken away.
fn is_alive(container: &Path) -> bool {
    let state = std::fs::read(container.join("state.json")).unwrap_or_default();
    let state: serde_json::Value = serde_json::from_slice(&state).unwrap_or_default();
    let pid = state.get("init_process_pid").and_then(serde_json::Value::as_u64);
    pid.is_some_and(|pid| Path::new(&format!("/proc/{pid}/root/proc")).exists())
}
