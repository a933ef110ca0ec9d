//! What an agent says of its host, and where it refuses to work.

use eval_agent::HostFacts;

use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_refuses_a_runtime_that_its_engine_does_not_have() {
    let world = World::new().await;
    let agent = world.agent_with(|config| config.runtime = Some("rusnc".to_owned()));
    let refusal = format!("{:#}", agent.refused().await);
    assert!(refusal.contains("the engine has no runtime \"rusnc\" (it has "), "{refusal}");
    assert!(refusal.contains("--runtime"), "{refusal}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_with_strict_floors_starts_where_nothing_is_too_old_and_nowhere_else() {
    let world = World::new().await;
    let agent = world.agent_with(|config| {
        config.strict_floors = true;
        config.warm_total = 0;
    });
    let host = HostFacts::of(&world.config()).await.unwrap();
    println!("{host}");
    assert!(host.engine.starts_with(|c: char| c.is_ascii_digit()), "{host:?}");
    assert!([1, 2].contains(&host.cgroup_version) && host.seccomp, "{host:?}");
    assert_eq!(host.kernel, kernel_release(), "{host:?}");
    match host.shortfalls().first() {
        None => agent.stop().await,
        Some(first) => {
            let refusal = format!("{:#}", agent.refused().await);
            assert!(refusal.contains(&first.to_string()), "{refusal}");
            assert!(refusal.contains("--strict-floors"), "{refusal}");
        }
    }
}

fn kernel_release() -> String {
    std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap().trim().to_owned()
}
