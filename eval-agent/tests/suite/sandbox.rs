//! Every control of the sandbox, tried from a learner's place in a real container: the same proof that `gradus doctor
//! --sandbox` gives on any host.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use eval_agent::proof::{Check, Facts, Proof, prove};
use lesson::Needs;

use crate::world::{World, beside, containers, containers_run, guest, shell_lesson};

/// 3.5 s on a quiet machine of two cores, printed; this one may be busy.
const IN_TIME: Duration = Duration::from_secs(30);

/// The whole of `/proc` and `/sys` that a learner can read. What a newer kernel adds is looked at before it is let in.
const READABLE: &[&str] = &[
    "/proc/cgroups",
    "/proc/cpuinfo",
    "/proc/crypto",
    "/proc/devices",
    "/proc/execdomains",
    "/proc/filesystems",
    "/proc/fs",
    "/proc/irq",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/mounts",
    "/proc/net",
    "/proc/stat",
    "/proc/sys",
    "/proc/sysvipc",
    "/proc/tty",
    "/proc/uptime",
];

fn probe() -> PathBuf {
    guest().with_file_name("eval-probe")
}

fn wrong(checks: &[Check]) -> Vec<String> {
    let wrong = checks.iter().filter_map(|check| Some((check.name, check.result.as_ref().err()?)));
    wrong.map(|(name, missing)| format!("{name}: {}", missing.found)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_control_holds_on_this_host() {
    let world = World::new().await;
    let clock = Instant::now();
    let Proof { host, checks, facts } =
        prove(&world.config(), "bash", &probe(), Needs::default()).await.unwrap();
    println!("{host}: {} checks in {:?}", checks.len(), clock.elapsed());
    for check in &checks {
        println!("{}: {:?}", check.name, check.result);
    }
    assert_eq!(wrong(&checks), Vec::<String>::new());
    assert!(clock.elapsed() < IN_TIME, "{:?}", clock.elapsed());

    let open: Vec<_> = facts.names("readable").into_iter().filter(|path| !READABLE.contains(path)).collect();
    assert_eq!(open, Vec::<&str>::new(), "a learner can read more of the host than is known");
    // By the names of those that pass: what is refused, and how, is the checks'.
    let answers: Vec<_> = facts.all("syscall").map(|(name, answer)| format!("{name} {answer}")).collect();
    insta::assert_snapshot!(format!("syscalls-{}-{}", host.runtime, host.architecture), answers.join("\n"));
}

/// Made beside a holder a container is the same: nothing that a learner can try tells them apart.
#[tokio::test(flavor = "multi_thread")]
async fn every_control_holds_in_the_dense_lane() {
    let world = World::new().await;
    let config = eval_agent::Config { dense: true, ..world.config() };
    let name = config.name.clone();
    let lane = prove(&config, "bash", &probe(), Needs::default()).await.unwrap();
    assert_eq!(wrong(&lane.checks), Vec::<String>::new());
    assert_eq!(containers(&name).await, Vec::<String>::new(), "left behind");
    assert_eq!(beside(&config), Vec::<String>::new(), "left behind");

    let engine = prove(&world.config(), "bash", &probe(), Needs::default()).await.unwrap();
    for topic in
        ["syscall", "mask", "connect", "limit", "disk", "readable", "interface", "writable", "sysctl"]
    {
        let of = |proof: &Proof| {
            let answers = proof.facts.all(topic).map(|(name, answer)| format!("{name} {answer}"));
            // Mounts come in an order of their own.
            answers.collect::<std::collections::BTreeSet<_>>()
        };
        assert!(!of(&lane).is_empty(), "{topic}");
        assert_eq!(of(&lane), of(&engine), "{topic}");
    }
}

/// Docker before 28 starts two copies of itself for each container's network, be it an empty one: half of what a start costs
/// (docs/containers.md). The runtime alone makes ours, and the engine knows of none.
#[tokio::test(flavor = "multi_thread")]
async fn the_engine_makes_no_network_for_a_container() {
    let world = World::new().await;
    let agent = world.agent();
    let job = world.open_session(&shell_lesson()).await;
    world.api.line(job).await.until_ready().await;
    containers_run(&agent.name, 2).await;
    let docker = bollard::Docker::connect_with_local_defaults().unwrap();
    for name in containers(&agent.name).await {
        let found = docker.inspect_container(name.trim_start_matches('/'), None).await.unwrap();
        let network = found.network_settings.unwrap();
        assert_eq!(network.sandbox_key.unwrap_or_default(), "", "{name}");
        assert_eq!(network.networks.unwrap_or_default().len(), 0, "{name}");
    }
    agent.stop().await;
}

/// The same doors, tried by one who is root inside: what is looser is what the permit names (`proof/checks.rs`), and every
/// system call answers as it does to everybody else.
#[tokio::test(flavor = "multi_thread")]
async fn root_inside_opens_nothing_else() {
    let world = World::new().await;
    let root = Needs { root: true, ..Needs::default() };
    let Proof { checks, facts, .. } = prove(&world.config(), "bash", &probe(), root).await.unwrap();
    assert_eq!(wrong(&checks), Vec::<String>::new());
    assert_eq!(facts.value("status", "self:Uid"), "0,0,0,0");
    let open: Vec<_> = facts.names("readable").into_iter().filter(|path| !READABLE.contains(path)).collect();
    assert_eq!(open, Vec::<&str>::new(), "root inside can read more of the host than others");
    let usual = prove(&world.config(), "bash", &probe(), Needs::default()).await.unwrap().facts;
    let answers = |facts: &Facts| -> Vec<String> {
        facts.all("syscall").map(|(name, answer)| format!("{name} {answer}")).collect()
    };
    assert_eq!(answers(&facts), answers(&usual));
}

/// Drops controls one by one – several at a time where no check could be red for more than one of them – and sees that
/// each is missed.
#[cfg(feature = "knock-out")]
#[tokio::test(flavor = "multi_thread")]
async fn a_control_that_is_left_out_is_missed() {
    use eval_agent::Control;

    let world = World::new().await;
    let whole = prove(&world.config(), "bash", &probe(), Needs::default()).await.unwrap().checks;
    let guards = |control: &Control| whole.iter().filter(|check| check.controls.contains(control)).count();
    let unguarded: Vec<_> = Control::ALL.iter().filter(|control| guards(control) == 0).collect();
    assert_eq!(unguarded, Vec::<&Control>::new(), "nothing would notice");

    let together = |one: &Control, other: &Control| {
        whole.iter().any(|check| check.controls.contains(one) && check.controls.contains(other))
    };
    let mut rounds: Vec<Vec<Control>> = Vec::new();
    for control in Control::ALL {
        match rounds.iter_mut().find(|round| !round.iter().any(|other| together(control, other))) {
            Some(round) => round.push(*control),
            None => rounds.push(vec![*control]),
        }
    }
    let mut unnoticed = Vec::new();
    for round in rounds {
        let config = eval_agent::Config { knock_out: round.clone(), ..world.config() };
        let checks = prove(&config, "bash", &probe(), Needs::default()).await.unwrap().checks;
        for control in round {
            let mut red =
                checks.iter().filter(|check| check.controls.contains(&control) && check.result.is_err());
            match red.next() {
                Some(check) => println!("without {control}: {}", wrong(std::slice::from_ref(check)).join("")),
                None => unnoticed.push(control),
            }
        }
    }
    assert_eq!(unnoticed, Vec::new());
}
