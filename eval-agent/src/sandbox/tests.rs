use super::*;

fn sandbox() -> Sandbox {
    Sandbox {
        image: "gradus/python:latest".to_owned(),
        agent: "eval-1".to_owned(),
        runtime: None,
        purpose: "pool",
        limits: ContainerLimits::from(&lesson::Limits::default()),
        guest_uid: 100_007,
        learner_uid: 200_007,
        root_ids: None,
        has_hosts: false,
        ttl_seconds: 14_400,
        deadline_unix: 1_800_000_000,
        folder: PathBuf::from("/run/gradus-agent/gradus-eval-1-7"),
        guest: PathBuf::from("/run/gradus-agent/eval-guest"),
        call: PathBuf::from("/run/gradus-agent/eval-call"),
        ignore: vec!["__pycache__".to_owned()],
        #[cfg(feature = "knock-out")]
        knocked_out: Vec::new(),
    }
}

/// Whoever changes a container's rights changes this snapshot, and a reviewer sees it.
#[test]
fn the_settings_of_a_container_are_exactly_these() {
    let mut settings = serde_json::to_value(sandbox().settings()).unwrap();
    let options = settings.pointer_mut("/HostConfig/SecurityOpt/1").unwrap();
    assert_eq!(options.as_str().unwrap(), format!("seccomp={}", compact(SECCOMP)));
    *options = "seccomp=<seccomp.json>".into();
    insta::assert_json_snapshot!(settings);
}

/// What a permit changes, and that it changes nothing else.
#[test]
fn a_permit_opens_what_it_says_and_nothing_else() {
    let usual = serde_json::to_value(sandbox().settings()).unwrap();
    let permitted = Sandbox { root_ids: Some(1_902_800_896), has_hosts: true, ..sandbox() };
    let mut given = serde_json::to_value(permitted.settings()).unwrap();

    let options = given.pointer_mut("/HostConfig/SecurityOpt/1").unwrap();
    let profile = options.as_str().unwrap().strip_prefix("seccomp=").unwrap();
    let mut profile: serde_json::Value = serde_json::from_str(profile).unwrap();
    let rules = profile["syscalls"].as_array_mut().unwrap();
    let added = rules.split_off(rules.len() - 2);
    assert_eq!(profile, serde_json::from_str::<serde_json::Value>(SECCOMP).unwrap());
    let added: Vec<_> = added.iter().map(|rule| (&rule["names"][0], &rule["args"][0])).collect();
    let only_user =
        |index| serde_json::json!({"index": index, "value": 0x1000_0000, "valueTwo": 0, "op": "SCMP_CMP_EQ"});
    assert_eq!(added, [(&"unshare".into(), &only_user(0)), (&"setns".into(), &only_user(1))]);

    *options = usual.pointer("/HostConfig/SecurityOpt/1").unwrap().clone();
    let arguments = given["Cmd"].as_array_mut().unwrap();
    let at = arguments.iter().position(|word| word == "--root-ids").unwrap();
    assert_eq!(arguments.drain(at..at + 2).collect::<Vec<_>>(), ["--root-ids", "1902800896"]);
    let mounts = given.pointer_mut("/HostConfig/Mounts").unwrap().as_array_mut().unwrap();
    let hosts = mounts.pop().unwrap();
    assert_eq!((&hosts["Target"], &hosts["ReadOnly"]), (&"/etc/hosts".into(), &true.into()));
    assert_eq!(given, usual);
}

#[test]
fn no_system_call_that_escapes_reaches_the_kernel() {
    let profile: serde_json::Value = serde_json::from_str(SECCOMP).unwrap();
    assert_eq!(profile["defaultAction"], "SCMP_ACT_ERRNO");
    for architecture in profile["archMap"].as_array().unwrap() {
        assert_eq!(architecture["subArchitectures"].as_array().unwrap().len(), 0, "no 32-bit detour");
    }
    let allowed: Vec<&str> = profile["syscalls"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|rule| rule["action"] == "SCMP_ACT_ALLOW")
        .flat_map(|rule| rule["names"].as_array().unwrap())
        .map(|name| name.as_str().unwrap())
        .collect();
    for call in [
        "add_key",
        "adjtimex",
        "bpf",
        "chroot",
        "clone3",
        "fsopen",
        "init_module",
        "io_uring_enter",
        "io_uring_setup",
        "kcmp",
        "keyctl",
        "kexec_load",
        "landlock_create_ruleset",
        "memfd_secret",
        "mlockall",
        "modify_ldt",
        "mount",
        "move_mount",
        "mq_open",
        "name_to_handle_at",
        "open_by_handle_at",
        "open_tree",
        "perf_event_open",
        "pivot_root",
        "process_vm_readv",
        "process_vm_writev",
        "ptrace",
        "request_key",
        "sched_setscheduler",
        "setdomainname",
        "sethostname",
        "setns",
        "settimeofday",
        "setxattr",
        "swapon",
        // Of everything that the host has not written yet, not of one file.
        "sync",
        "syncfs",
        "syslog",
        "umount2",
        "unshare",
        "userfaultfd",
        "vmsplice",
    ] {
        assert!(!allowed.contains(&call), "{call}");
    }
}

#[test]
fn full_disks_leave_memory_to_work_with() {
    for disk_mib in [0, 64, 1_000, u32::MAX] {
        let limits = ContainerLimits { disk_mib, ..ContainerLimits::from(&lesson::Limits::default()) };
        let disks = disk_mib.saturating_add(TMP_MIB + SHM_MIB);
        assert!(memory_mib(&limits) >= disks.saturating_add(MEMORY_BESIDE_DISKS_MIB));
    }
}

#[cfg(feature = "knock-out")]
#[test]
fn each_control_can_be_left_out_and_nothing_else_goes_with_it() {
    let whole = serde_json::to_value(sandbox().settings()).unwrap();
    for control in Control::ALL {
        assert_eq!(control.name().parse::<Control>().unwrap(), *control);
        let without = Sandbox { knocked_out: vec![*control], ..sandbox() };
        let without = serde_json::to_value(without.settings()).unwrap();
        // What uids a container gets is decided before its settings are built.
        assert_eq!(without == whole, *control == Control::UidPerContainer, "{control}");
    }
}
