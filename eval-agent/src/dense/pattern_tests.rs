//! A bundle as an engine writes it, and everything that may be wrong with one.

use super::*;
use crate::sandbox::ContainerLimits;

const ID: &str = "43d83b427da4deee86dff0444d89da9fe1aec58c53de2e71b4647d2ca45b193c";

fn sandbox(number: u32) -> Sandbox {
    Sandbox {
        image: "gradus/python:latest".to_owned(),
        agent: "eval-1".to_owned(),
        runtime: None,
        purpose: "holder",
        limits: ContainerLimits::from(&lesson::Limits::default()),
        guest_uid: 100_000 + number,
        learner_uid: 200_000 + number,
        root_ids: None,
        has_hosts: false,
        ttl_seconds: 60 + number,
        deadline_unix: 0,
        folder: PathBuf::from(format!("/run/agent/gradus-{number}")),
        guest: PathBuf::from("/run/agent/eval-guest"),
        call: PathBuf::from("/run/agent/eval-call"),
        ignore: vec![format!("ignored-{number}")],
        #[cfg(feature = "knock-out")]
        knocked_out: Vec::new(),
    }
}

fn bind(source: &Path, target: &str) -> Value {
    json!({"destination": target, "type": "bind", "source": source, "options": ["rbind", "ro", "rprivate"]})
}

fn bundle() -> Value {
    let holder = sandbox(0);
    json!({
        "ociVersion": "1.0.2-dev",
        "process": {
            "user": {"uid": 0, "gid": 0},
            "args": holder.command(),
            "capabilities": {"bounding": ["CAP_KILL"]},
            "noNewPrivileges": true,
        },
        "root": {"path": "/var/lib/docker/overlay2/x/merged", "readonly": true},
        "hostname": "gradus",
        "hooks": {},
        "mounts": [
            {"destination": "/proc", "type": "proc", "source": "proc", "options": ["nosuid"]},
            bind(&holder.folder, GUEST_DIR),
            bind(&holder.folder.join("passwd"), "/etc/passwd"),
            bind(&holder.folder.join("group"), "/etc/group"),
            bind(&holder.guest, GUEST_PROGRAM),
            {"destination": HOME, "type": "tmpfs", "source": "tmpfs",
             "options": ["rw", "size=64m", "uid=200000", "gid=200000", "mode=0700"]},
        ],
        "linux": {
            "cgroupsPath": format!("/docker/{ID}"),
            "namespaces": [{"type": "mount"}, {"type": "network"}, {"type": "uts"}, {"type": "pid"}, {"type": "ipc"},
                           {"type": "cgroup"}],
            "seccomp": {"defaultAction": "SCMP_ACT_ERRNO"},
            "maskedPaths": ["/proc/kcore"],
        },
    })
}

fn read(bundle: &Value) -> Result<Pattern, Unexpected> {
    Pattern::read(bundle.to_string().as_bytes(), Path::new("/run/shim/x"), ID, &sandbox(0))
}

/// Every place at which two values differ.
fn differences(one: &Value, other: &Value, at: &str, found: &mut Vec<String>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) if one.len() == other.len() => {
            for (key, value) in one {
                differences(value, &other[key], &format!("{at}/{key}"), found);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (number, (one, other)) in one.iter().zip(other).enumerate() {
                differences(one, other, &format!("{at}/{number}"), found);
            }
        }
        _ if one == other => {}
        _ => found.push(format!("{at}: {other}")),
    }
}

/// Whoever lets more of it differ changes this list, and a reviewer sees it.
#[test]
fn another_container_differs_in_these_places_and_in_no_other() {
    let another = read(&bundle()).unwrap().of_another("gradus-7", &sandbox(0), &sandbox(7)).unwrap();
    let mut found = Vec::new();
    differences(&bundle(), &another, "", &mut found);
    assert_eq!(
        found,
        [
            r#"/linux/cgroupsPath: "/docker/gradus-7""#,
            r#"/mounts/1/source: "/run/agent/gradus-7""#,
            r#"/mounts/2/source: "/run/agent/gradus-7/passwd""#,
            r#"/mounts/3/source: "/run/agent/gradus-7/group""#,
            r#"/mounts/5/options/2: "uid=200007""#,
            r#"/mounts/5/options/3: "gid=200007""#,
            r#"/process/args/4: "100007""#,
            r#"/process/args/6: "200007""#,
            r#"/process/args/12: "67""#,
            r#"/process/args/14: "ignored-7""#,
        ]
    );
}

#[test]
fn a_bundle_that_is_not_as_expected_is_refused() {
    let first_namespace = "/linux/namespaces/0";
    let rows: &[(&str, Value, &str)] = &[
        ("/linux/namespaces/1", json!({"type": "network", "path": "/proc/1/ns/net"}), "joins a namespace"),
        ("/linux/namespaces/1", json!({"type": "user"}), "its namespaces are"),
        (first_namespace, json!({"type": "pid"}), "its namespaces are"),
        ("/hooks", json!({"prestart": [{"path": "/usr/bin/dockerd"}]}), "hooks"),
        ("/process/terminal", json!(true), "terminal"),
        ("/process/selinuxLabel", json!("system_u:system_r:container_t:s0:c1,c2"), "selinuxLabel"),
        ("/process/noNewPrivileges", json!(false), "privileges"),
        ("/process/args/0", json!("/bin/sh"), "/process/args"),
        ("/process/args/6", json!("0"), "/process/args"),
        ("/linux/seccomp", Value::Null, ""),
        ("/root/readonly", json!(false), "written"),
        ("/mounts/0/type", json!("bind"), "bind on"),
        ("/mounts/0/type", json!("overlay"), "overlay on"),
        ("/mounts/1/options", json!(["rbind", "rw"]), "bind on"),
        ("/mounts/1/source", json!("/run/agent/gradus-8"), "/source"),
        ("/mounts/2/destination", json!("/etc/group"), "not one mount on /etc/passwd"),
        ("/mounts/5/options/2", json!("uid=0"), "home"),
        ("/mounts/5/options/3", json!("uid=200000"), "home"),
        ("/linux/cgroupsPath", json!("/"), "control group"),
        ("/linux/cgroupsPath", json!(ID), "control group"),
        ("/solaris", json!({}), "solaris"),
    ];
    assert!(read(&bundle()).is_ok());
    for (place, value, complaint) in rows {
        let mut spoilt = bundle();
        if place.matches('/').count() == 1
            || *place == "/process/terminal"
            || *place == "/process/selinuxLabel"
        {
            let (parent, key) = place.rsplit_once('/').unwrap();
            spoilt.pointer_mut(parent).unwrap()[key] = value.clone();
        } else if value.is_null() {
            let (parent, key) = place.rsplit_once('/').unwrap();
            spoilt.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(key);
        } else {
            *spoilt.pointer_mut(place).unwrap() = value.clone();
        }
        let refusal = read(&spoilt).unwrap_err().to_string();
        assert!(refusal.contains(complaint), "{place} {value}: {refusal}");
    }
}

#[test]
fn a_container_of_other_limits_or_another_image_is_not_made_from_it() {
    let pattern = read(&bundle()).unwrap();
    let limits = ContainerLimits { memory_mib: 4_096, ..sandbox(7).limits };
    for other in
        [Sandbox { limits, ..sandbox(7) }, Sandbox { image: "gradus/sql:latest".to_owned(), ..sandbox(7) }]
    {
        assert!(pattern.of_another("gradus-7", &sandbox(0), &other).is_err());
    }
}

#[test]
fn the_control_group_lies_beside_the_holders_whoever_makes_it() {
    let rows = [
        (format!("/docker/{ID}"), "/docker/gradus-7", false),
        (format!("system.slice:docker:{ID}"), "system.slice:docker:gradus-7", true),
    ];
    for (path, beside, by_systemd) in rows {
        let mut bundle = bundle();
        *bundle.pointer_mut("/linux/cgroupsPath").unwrap() = json!(path);
        let pattern = read(&bundle).unwrap();
        let another = pattern.of_another("gradus-7", &sandbox(0), &sandbox(7)).unwrap();
        assert_eq!(text(&another, "/linux/cgroupsPath"), Some(beside));
        assert_eq!(pattern.by_systemd(), by_systemd);
    }
}
