//! A container that dies whole, guest and all: for want of memory it is the program's doing, for anything else ours. The
//! kernel's counter goes with the container, so the engine is asked.

use std::path::PathBuf;
use std::time::Duration;

use ide_protocol::results::{GradingOutcome, Outcome};

use crate::grading::verdict;
use crate::world::{Agent, World, container_pids, shell_lesson_with};

/// Waits for us, then takes all memory as the least likely of all to be killed for it.
const HOG: &str = r#"
until [ -e /tmp/go ]; do sleep 0.02; done
for pid in $$ $PPID; do echo 0 > /proc/$pid/oom_score_adj; done
tail /dev/zero
"#;
const PATIENT: &str = r#"echo "hello${1:+ $1}"; until [ -e /tmp/go ]; do sleep 0.02; done"#;

/// What the agent's only container is, once the answer waits in it.
async fn only_container(agent: &Agent) -> u32 {
    loop {
        if let [pid] = container_pids(&agent.name).await.as_slice()
            && PathBuf::from(format!("/proc/{pid}/root/home/learner/work/answer.sh")).exists()
        {
            return *pid;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_dies_whole_for_want_of_memory_is_told_at_once() {
    let world = World::new().await;
    let agent = world.agent_with(|config| config.warm_total = 0);
    let job =
        world.hand_in(&shell_lesson_with("wall_seconds = 20\nmemory_mib = 192\ndisk_mib = 32"), HOG).await;
    let pid = only_container(&agent).await;
    // The guest is made the first that the kernel takes; with PID 1 everything else goes.
    std::fs::write(format!("/proc/{pid}/oom_score_adj"), "1000").unwrap();
    std::fs::write(format!("/proc/{pid}/root/tmp/go"), "").unwrap();
    let result = world.result(job).await;
    assert_eq!(verdict(result.outcome).outcome, Outcome::OutOfMemory);
    assert_eq!(world.api.deliveries(job), 1, "nothing had to be tried again to know it");
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_dies_whole_for_another_reason_is_ours_to_try_again() {
    let world = World::new().await;
    let agent = world.agent_with(|config| config.warm_total = 0);
    let job = world.hand_in(&shell_lesson_with("wall_seconds = 20"), PATIENT).await;
    let first = only_container(&agent).await;
    kill(first);
    let second = loop {
        let pid = only_container(&agent).await;
        if pid != first {
            break pid;
        }
    };
    std::fs::write(format!("/proc/{second}/root/tmp/go"), "").unwrap();
    let result = world.result(job).await;
    assert!(matches!(&result.outcome, GradingOutcome::Verdict { .. }), "{:?}", result.outcome);
    assert_eq!(verdict(result.outcome).outcome, Outcome::Passed);
    assert_eq!(world.api.deliveries(job), 2);
    agent.stop().await;
}

fn kill(pid: u32) {
    let killed = std::process::Command::new("kill").args(["-9", &pid.to_string()]).status().unwrap();
    assert!(killed.success());
}
