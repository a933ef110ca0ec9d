//! Leaves one control out of a container's settings, so that a test that guards it can be seen to fail. Compiled only
//! with the feature `knock-out`, which no build that people run has:
//!
//! ```text
//! cargo build -p gradus --features knock-out
//! target/debug/gradus agent --list-controls
//! GRADUS_KNOCK_OUT=seccomp,masks target/debug/gradus up …
//! ```
//!
//! Works on the finished settings, so that what people run is built the same with the feature and without.

use std::collections::HashMap;

use bollard::models::{ContainerCreateBody, HostConfig, HostConfigCgroupnsModeEnum};

use super::Control;

/// A deadline that no test lives to see.
pub const NO_DEADLINE_SECONDS: u32 = 7 * 24 * 3_600;

/// The settings without `control`.
#[must_use]
pub fn without(mut body: ContainerCreateBody, control: Control) -> ContainerCreateBody {
    match control {
        Control::Network => body.network_disabled = None,
        Control::DeadlineInside => outlive(body.cmd.iter_mut().flatten()),
        _ => {}
    }
    body.host_config = body.host_config.map(|config| drop_from(config, control));
    body
}

fn drop_from(mut config: HostConfig, control: Control) -> HostConfig {
    match control {
        Control::Seccomp => set_option(&mut config, "seccomp=", Some("seccomp=unconfined")),
        Control::NoNewPrivs => set_option(&mut config, "no-new-privileges", None),
        Control::Caps => (config.cap_drop, config.cap_add) = (None, None),
        // An empty list is the engine's "none"; without a list it takes its own.
        Control::Masks => config.masked_paths = Some(Vec::new()),
        Control::ReadOnlyPaths => config.readonly_paths = Some(Vec::new()),
        Control::ReadonlyRoot => config.readonly_rootfs = None,
        Control::Network => config.network_mode = None,
        Control::Ipc => (config.ipc_mode, config.sysctls) = (Some("host".to_owned()), None),
        Control::Cgroupns => config.cgroupns_mode = Some(HostConfigCgroupnsModeEnum::HOST),
        Control::Memory => (config.memory, config.memory_swap) = (None, None),
        Control::MemorySwap => config.memory_swap = Some(-1),
        Control::Cpu => config.nano_cpus = None,
        Control::Pids => config.pids_limit = None,
        Control::OomScore => config.oom_score_adj = None,
        Control::Disks => strip(&mut config, &["size="]),
        Control::Inodes => strip(&mut config, &["nr_inodes="]),
        // Without a word the engine adds it itself.
        Control::Noexec => {
            for options in config.tmpfs.iter_mut().flat_map(HashMap::values_mut) {
                *options = options.replace("noexec", "exec");
            }
        }
        Control::Shm => drop(config.tmpfs.as_mut().and_then(|tmpfs| tmpfs.remove("/dev/shm"))),
        Control::SysvShm => config.sysctls = None,
        Control::Nofile => limit(&mut config, "nofile"),
        Control::Fsize => limit(&mut config, "fsize"),
        Control::Core => limit(&mut config, "core"),
        Control::Memlock => limit(&mut config, "memlock"),
        Control::Msgqueue => limit(&mut config, "msgqueue"),
        Control::Sigpending => limit(&mut config, "sigpending"),
        Control::Logging => config.log_config = None,
        Control::ReadonlyMounts => {
            config.mounts.iter_mut().flatten().for_each(|mount| mount.read_only = Some(false));
        }
        // The first is the uids', see `Uids`; the other is the guest's argument.
        Control::UidPerContainer | Control::DeadlineInside => {}
    }
    config
}

fn set_option(config: &mut HostConfig, prefix: &str, instead: Option<&str>) {
    let options = config.security_opt.get_or_insert_default();
    options.retain(|option| !option.starts_with(prefix));
    options.extend(instead.map(str::to_owned));
}

/// Tmpfs mounts without the options that begin so.
fn strip(config: &mut HostConfig, prefixes: &[&str]) {
    let tmpfs: &mut HashMap<String, String> = config.tmpfs.get_or_insert_default();
    for options in tmpfs.values_mut() {
        let kept =
            options.split(',').filter(|option| !prefixes.iter().any(|prefix| option.starts_with(prefix)));
        *options = kept.collect::<Vec<_>>().join(",");
    }
}

fn limit(config: &mut HostConfig, name: &str) {
    let limits = config.ulimits.get_or_insert_default();
    limits.retain(|limit| limit.name.as_deref() != Some(name));
}

fn outlive<'a>(mut arguments: impl Iterator<Item = &'a mut String>) {
    if arguments.any(|argument| argument == "--ttl-seconds")
        && let Some(seconds) = arguments.next()
    {
        *seconds = NO_DEADLINE_SECONDS.to_string();
    }
}
