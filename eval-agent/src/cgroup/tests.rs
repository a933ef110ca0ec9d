//! Control groups as folders of files, laid out as kernels lay them out.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ide_protocol::session::Processes;

use super::{Cgroup, Files, Sample, Weight};

const MIB: u64 = 1024 * 1024;

fn lay(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

#[test]
fn a_group_is_found_under_both_versions_and_when_both_are_mounted() {
    let root = Path::new("/c");
    let folder = |name: &str| Some(PathBuf::from(name));
    let v2 = Some(Files::V2 { group: "/c/system.slice/docker-ab.scope".into() });
    let rows = [
        ("0::/system.slice/docker-ab.scope\n", v2),
        (
            "9:memory:/docker/ab\n8:pids:/docker/ab\n6:freezer:/docker/ab\n2:cpu,cpuacct:/docker/ab\n1:name=x:/y\n0::/z\n",
            Some(Files::V1 {
                memory: "/c/memory/docker/ab".into(),
                cpu: folder("/c/cpu/docker/ab"),
                cpuacct: folder("/c/cpuacct/docker/ab"),
                pids: folder("/c/pids/docker/ab"),
                freezer: folder("/c/freezer/docker/ab"),
            }),
        ),
        (
            "4:cpu,memory:/docker/ab\n",
            Some(Files::V1 {
                memory: "/c/memory/docker/ab".into(),
                cpu: folder("/c/cpu/docker/ab"),
                cpuacct: None,
                pids: None,
                freezer: None,
            }),
        ),
        ("nonsense", None),
        ("", None),
    ];
    for (membership, found) in rows {
        assert_eq!(Files::find(root, membership), found, "{membership}");
    }
}

#[test]
fn version_1_is_read() {
    let root = tempfile::tempdir().unwrap();
    lay(
        root.path(),
        &[
            ("memory/d/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n"),
            ("memory/d/memory.usage_in_bytes", "52428800\n"),
            ("memory/d/memory.max_usage_in_bytes", "83886080\n"),
            ("memory/d/memory.stat", "inactive_file 1\ncache 9\ntotal_inactive_file 10485760\n"),
            ("memory/d/memory.limit_in_bytes", "268435456\n"),
            ("cpuacct/d/cpuacct.usage", "1500000000\n"),
            ("cpu/d/cpu.cfs_quota_us", "50000\n"),
            ("cpu/d/cpu.cfs_period_us", "100000\n"),
            ("pids/d/pids.current", "5\n"),
            ("pids/d/pids.max", "64\n"),
        ],
    );
    let group = Cgroup::at(root.path(), "3:memory:/d\n2:cpu,cpuacct:/d\n1:pids:/d\n").unwrap();
    assert_eq!((group.kills(), group.peak_bytes()), (Some(3), Some(80 * MIB)));
    let sample = Sample {
        memory_bytes: 40 * MIB,
        memory_limit_bytes: 256 * MIB,
        cpu: Some(Duration::from_millis(1_500)),
        cpus: 0.5,
        processes: Some(Processes { count: 5, limit: 64 }),
    };
    assert_eq!(group.sample(), Some(sample));
}

#[test]
fn version_2_is_read() {
    let root = tempfile::tempdir().unwrap();
    lay(
        root.path(),
        &[
            ("d/memory.events", "low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\noom_group_kill 0\n"),
            ("d/memory.current", "52428800\n"),
            ("d/memory.peak", "83886080\n"),
            ("d/memory.stat", "anon 5\nfile 6\ninactive_file 10485760\n"),
            ("d/memory.max", "268435456\n"),
            ("d/cpu.stat", "usage_usec 1500000\nuser_usec 1\n"),
            ("d/cpu.max", "200000 100000\n"),
            ("d/pids.current", "5\n"),
            ("d/pids.max", "64\n"),
        ],
    );
    let group = Cgroup::at(root.path(), "0::/d\n").unwrap();
    assert_eq!((group.kills(), group.peak_bytes()), (Some(1), Some(80 * MIB)));
    let sample = group.sample().unwrap();
    assert_eq!((sample.memory_bytes, sample.memory_limit_bytes), (40 * MIB, 256 * MIB));
    assert_eq!((sample.cpu, sample.cpus), (Some(Duration::from_millis(1_500)), 2.0));
    assert_eq!(sample.processes, Some(Processes { count: 5, limit: 64 }));
}

#[test]
fn what_a_host_does_not_count_or_limit_is_left_out() {
    let root = tempfile::tempdir().unwrap();
    lay(
        root.path(),
        &[
            ("d/memory.events", "oom_kill 0\n"),
            ("d/memory.current", "1048576\n"),
            ("d/memory.max", "268435456\n"),
            ("d/cpu.max", "max 100000\n"),
            ("d/pids.current", "5\n"),
            ("d/pids.max", "max\n"),
        ],
    );
    let group = Cgroup::at(root.path(), "0::/d\n").unwrap();
    let sample = group.sample().unwrap();
    assert_eq!((sample.memory_bytes, sample.cpu, sample.cpus, sample.processes), (MIB, None, 1.0, None));
    lay(root.path(), &[("d/memory.max", "max\n")]);
    assert_eq!(group.sample(), None, "without a limit there is nothing to compare with");
}

#[test]
fn orders_are_given_in_the_words_of_each_version() {
    let root = tempfile::tempdir().unwrap();
    let groups = [
        (
            "2:memory:/d\n3:cpu:/d\n4:freezer:/d\n",
            "memory/d/memory.oom_control",
            "cpu/d/cpu.shares",
            "freezer/d/freezer.state",
        ),
        ("0::/d\n", "d/memory.events", "d/cpu.weight", "d/cgroup.freeze"),
    ];
    let words = [["FROZEN", "THAWED", "4096", "1024", "256"], ["1", "0", "400", "100", "25"]];
    for ((membership, counters, cpu, freezer), words) in groups.into_iter().zip(words) {
        lay(root.path(), &[(counters, "oom_kill 0\n"), (cpu, ""), (freezer, "")]);
        let group = Cgroup::at(root.path(), membership).unwrap();
        let read = |file: &str| fs::read_to_string(root.path().join(file)).unwrap();
        let switch = group.freezer().unwrap();
        switch.stop().unwrap();
        let stopped = read(freezer);
        switch.go().unwrap();
        let weights = [Weight::Session, Weight::Grading, Weight::Pool].map(|weight| {
            group.weigh(weight).unwrap();
            read(cpu)
        });
        let [session, grading, pool] = weights;
        assert_eq!([stopped, read(freezer), session, grading, pool], words, "{membership}");
    }
}

#[test]
fn a_group_without_a_freezer_is_told_apart_from_one_that_cannot_be_written() {
    let root = tempfile::tempdir().unwrap();
    lay(root.path(), &[("memory/d/memory.oom_control", "oom_kill 0\n")]);
    let group = Cgroup::at(root.path(), "2:memory:/d\n").unwrap();
    assert!(group.freezer().is_none());
    assert!(group.weigh(Weight::Session).is_err());
    let gone = Cgroup::at(root.path(), "2:memory:/d\n4:freezer:/d\n").unwrap();
    assert!(gone.freezer().unwrap().stop().is_err(), "never made by writing to it");
}

#[test]
fn a_container_that_is_gone_has_nothing_to_tell() {
    let root = tempfile::tempdir().unwrap();
    assert!(Cgroup::at(root.path(), "0::/d\n").is_none());
    assert!(Cgroup::of(u32::MAX).is_none());
    lay(root.path(), &[("d/memory.events", "oom_kill 0\n")]);
    let group = Cgroup::at(root.path(), "0::/d\n").unwrap();
    fs::remove_dir_all(root.path().join("d")).unwrap();
    assert_eq!((group.kills(), group.peak_bytes(), group.sample()), (None, None, None));
}

/// What the kernel writes, and anything else: a number, or nothing.
mod fuzz {
    use fuzz_inputs::{hostile, hostile_text};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn membership_leads_somewhere_or_nowhere(
            text in hostile_text(["9:memory:/docker/ab\n2:cpu,cpuacct:/docker/ab\n", "0::/system.slice/docker-ab.scope\n"]),
        ) {
            match Files::find(Path::new("/c"), &text) {
                Some(Files::V1 { memory, .. }) => prop_assert!(memory.starts_with("/c/memory")),
                Some(Files::V2 { group }) => prop_assert!(group.starts_with("/c")),
                None => {}
            }
        }

        #[test]
        fn counters_are_numbers_or_nothing(
            events in hostile(["low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\n"]),
            current in hostile(["52428800\n", "max\n"]),
            max in hostile(["268435456\n", "max\n"]),
            cpu in hostile(["200000 100000\n", "max 100000\n", "usage_usec 1500000\nuser_usec 1\n"]),
        ) {
            let root = tempfile::tempdir().unwrap();
            let group = root.path().join("d");
            fs::create_dir(&group).unwrap();
            for (name, bytes) in [
                ("memory.events", &events), ("memory.current", &current), ("memory.stat", &events), ("memory.max", &max),
                ("cpu.stat", &cpu), ("cpu.max", &cpu), ("pids.current", &current), ("pids.max", &max),
            ] {
                fs::write(group.join(name), bytes).unwrap();
            }
            let cgroup = Cgroup::at(root.path(), "0::/d\n").unwrap();
            let _ = cgroup.kills();
            if let Some(sample) = cgroup.sample() {
                prop_assert!(sample.cpus > 0.0 && sample.cpus.is_finite());
            }
        }
    }
}
