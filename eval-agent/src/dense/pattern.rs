//! From the bundle that the engine wrote for one container, the configuration of another just like it. Functions over JSON:
//! what differs between two containers is put in its place, everything else is left to the letter, and whatever is not as
//! expected is refused – a mistake here would be a hole in the sandbox.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::run_dir::{GROUP_FILE, PASSWD_FILE};
use crate::sandbox::{GUEST_DIR, GUEST_PROGRAM, HOME, Sandbox};

/// The bundle is not what the agent's settings come to everywhere it was seen.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the engine's bundle is not as expected: {0}")]
pub struct Unexpected(String);

impl Unexpected {
    pub(super) fn unreadable(bundle: &Path, why: &std::io::Error) -> Self {
        Self(format!("what is in {} cannot be read: {why}", bundle.display()))
    }
}

fn unless(holds: bool, what: impl Into<String>) -> Result<(), Unexpected> {
    if holds { Ok(()) } else { Err(Unexpected(what.into())) }
}

/// What the top of a configuration may hold. Anything else may be a right that is not to be copied.
const PARTS: [&str; 9] =
    ["annotations", "domainname", "hooks", "hostname", "linux", "mounts", "ociVersion", "process", "root"];
/// Of its own, each of them; sorted.
const NAMESPACES: [&str; 6] = ["cgroup", "ipc", "mount", "network", "pid", "uts"];
/// Kinds of mounts that show nothing of the host's files.
const VIRTUAL: [&str; 6] = ["cgroup", "devpts", "mqueue", "proc", "sysfs", "tmpfs"];

/// A configuration to make others from.
#[derive(Debug)]
pub struct Pattern {
    config: Value,
    /// What the engine calls the container: the last part of its control group's path.
    id: String,
}

impl Pattern {
    /// Reads what the engine wrote into `bundle` for a container that was asked for with `made_with`.
    ///
    /// # Errors
    /// [`Unexpected`]
    pub fn read(config: &[u8], bundle: &Path, id: &str, made_with: &Sandbox) -> Result<Self, Unexpected> {
        let mut config: Value =
            serde_json::from_slice(config).map_err(|why| Unexpected(format!("it is no JSON: {why}")))?;
        let parts = config.as_object().map(|parts| parts.keys().cloned().collect::<Vec<_>>());
        let strange = parts.into_iter().flatten().find(|part| !PARTS.contains(&part.as_str()));
        unless(strange.is_none(), format!("it has {strange:?}"))?;
        nothing_runs_outside(&config)?;
        namespaces(&config)?;
        mounts(&config)?;
        root(&mut config, bundle)?;
        let pattern = Self { config, id: id.to_owned() };
        // That everything which differs is where it is looked for, and says what it should.
        let same = pattern.change(id, made_with, made_with)?;
        unless(same == pattern.config, "it does not say what it was asked for")?;
        Ok(Self { config: pattern.config, id: id.to_owned() })
    }

    /// The configuration of another container: made with `made_with`, now for `sandbox`, under `name`.
    ///
    /// # Errors
    /// [`Unexpected`]
    pub fn of_another(
        &self,
        name: &str,
        made_with: &Sandbox,
        sandbox: &Sandbox,
    ) -> Result<Value, Unexpected> {
        let kind = |sandbox: &Sandbox| (sandbox.image.clone(), sandbox.runtime.clone(), sandbox.limits);
        unless(sandbox.root_ids.is_none() && !sandbox.has_hosts, "it is to have what only some lessons get")?;
        unless(kind(made_with) == kind(sandbox), "it is of another image, runtime or limits")?;
        self.change(name, made_with, sandbox)
    }

    /// Whether its control group is systemd's to make.
    #[must_use]
    pub fn by_systemd(&self) -> bool {
        text(&self.config, "/linux/cgroupsPath").is_some_and(|path| path.contains(':'))
    }

    fn change(&self, name: &str, from: &Sandbox, to: &Sandbox) -> Result<Value, Unexpected> {
        let mut config = self.config.clone();
        replace(&mut config, "/process/args", &json!(from.command()), json!(to.command()))?;
        let path = text(&config, "/linux/cgroupsPath").unwrap_or_default().to_owned();
        let parent = path.strip_suffix(&self.id).filter(|parent| parent.ends_with(['/', ':']));
        let Some(parent) = parent else { return Err(Unexpected(format!("its control group is {path:?}"))) };
        replace(&mut config, "/linux/cgroupsPath", &json!(path), json!(format!("{parent}{name}")))?;
        let mounts = config.pointer_mut("/mounts").and_then(Value::as_array_mut);
        let mounts = mounts.ok_or_else(|| Unexpected("it has no mounts".to_owned()))?;
        for (target, old, new) in [
            (GUEST_DIR, from.folder.clone(), to.folder.clone()),
            ("/etc/passwd", from.folder.join(PASSWD_FILE), to.folder.join(PASSWD_FILE)),
            ("/etc/group", from.folder.join(GROUP_FILE), to.folder.join(GROUP_FILE)),
            (GUEST_PROGRAM, from.guest.clone(), to.guest.clone()),
        ] {
            replace(mount_at(mounts, target)?, "/source", &json!(old), json!(new))?;
        }
        let options = mount_at(mounts, HOME)?.pointer_mut("/options").and_then(Value::as_array_mut);
        let options = options.ok_or_else(|| Unexpected("home has no options".to_owned()))?;
        for key in ["uid", "gid"] {
            let old = json!(format!("{key}={}", from.learner_uid));
            let mut found = options.iter_mut().filter(|option| **option == old);
            let (Some(option), None) = (found.next(), found.next()) else {
                return Err(Unexpected(format!("home is not mounted with one {old}")));
            };
            *option = json!(format!("{key}={}", to.learner_uid));
        }
        Ok(config)
    }
}

/// No hook, no terminal, and no label that has to differ from container to container.
fn nothing_runs_outside(config: &Value) -> Result<(), Unexpected> {
    let hooks = config.pointer("/hooks").and_then(Value::as_object);
    let hooked = hooks.is_some_and(|hooks| hooks.values().any(|list| list.as_array() != Some(&Vec::new())));
    unless(!hooked, "it has hooks")?;
    unless(config.pointer("/process/terminal") != Some(&json!(true)), "it has a terminal")?;
    for label in ["/process/selinuxLabel", "/linux/mountLabel"] {
        unless(text(config, label).unwrap_or_default().is_empty(), format!("it has {label}"))?;
    }
    unless(config.pointer("/linux/seccomp").is_some(), "it filters no system calls")?;
    unless(config.pointer("/process/noNewPrivileges") == Some(&json!(true)), "it can gain privileges")
}

/// Fresh ones, all six, and no others.
fn namespaces(config: &Value) -> Result<(), Unexpected> {
    let listed = config.pointer("/linux/namespaces").and_then(Value::as_array);
    let listed = listed.ok_or_else(|| Unexpected("it has no namespaces".to_owned()))?;
    let joins = listed.iter().any(|one| !text(one, "/path").unwrap_or_default().is_empty());
    unless(!joins, "it joins a namespace that is there already")?;
    let mut kinds: Vec<_> = listed.iter().filter_map(|one| text(one, "/type")).collect();
    kinds.sort_unstable();
    unless(kinds == NAMESPACES, format!("its namespaces are {}", kinds.join(", ")))
}

/// Of the host's files it sees what it may only read: two containers share them.
fn mounts(config: &Value) -> Result<(), Unexpected> {
    for mount in config.pointer("/mounts").and_then(Value::as_array).into_iter().flatten() {
        let (kind, target) = (text(mount, "/type").unwrap_or_default(), text(mount, "/destination"));
        let options = mount.pointer("/options").and_then(Value::as_array);
        let read_only = options.is_some_and(|options| options.contains(&json!("ro")));
        unless(VIRTUAL.contains(&kind) || (kind == "bind" && read_only), format!("{kind} on {target:?}"))?;
    }
    Ok(())
}

/// The image, which nobody can write to; by its whole path, because the new bundle lies elsewhere.
fn root(config: &mut Value, bundle: &Path) -> Result<(), Unexpected> {
    unless(config.pointer("/root/readonly") == Some(&json!(true)), "its image can be written")?;
    let path = text(config, "/root/path").map(|path| bundle.join(path));
    match (config.pointer_mut("/root/path"), path) {
        (Some(place), Some(path)) => *place = json!(path),
        _ => return Err(Unexpected("it has no image".to_owned())),
    }
    Ok(())
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str()
}

fn replace(value: &mut Value, pointer: &str, old: &Value, new: Value) -> Result<(), Unexpected> {
    match value.pointer_mut(pointer) {
        Some(place) if place == old => *place = new,
        found => return Err(Unexpected(format!("{pointer} is {found:?} instead of {old}"))),
    }
    Ok(())
}

fn mount_at<'a>(mounts: &'a mut [Value], target: &str) -> Result<&'a mut Value, Unexpected> {
    let mut found = mounts.iter_mut().filter(|mount| text(mount, "/destination") == Some(target));
    match (found.next(), found.next()) {
        (Some(mount), None) => Ok(mount),
        _ => Err(Unexpected(format!("there is not one mount on {target}"))),
    }
}

/// Where the engine's bundle of a container lies, and the engine's id of it: the folder that the shim works in, which is
/// the parent of the container's PID 1.
///
/// # Errors
/// [`Unexpected`] when it is not to be found.
pub fn bundle_of(pid: u32) -> Result<(PathBuf, String), Unexpected> {
    let parent = parent_of(pid).ok_or_else(|| Unexpected(format!("process {pid} has no parent")))?;
    let bundle = std::fs::read_link(format!("/proc/{parent}/cwd"))
        .map_err(|why| Unexpected(format!("the shim's folder cannot be seen: {why}")))?;
    match bundle.file_name().and_then(|name| name.to_str()) {
        Some(id) if bundle.join("config.json").is_file() => Ok((bundle.clone(), id.to_owned())),
        _ => Err(Unexpected(format!("there is no bundle in {}", bundle.display()))),
    }
}

fn parent_of(pid: u32) -> Option<u32> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;
