//! A host that is not well takes no jobs, and does not stand by what it said.

use eval_agent::read_notice;
use ide_protocol::results::{GradingOutcome, Outcome};

use crate::grading::verdict;
use crate::world::{Engine, Fault, World, shell_lesson};

const RIGHT: &str = "echo \"hello${1:+ $1}\"";

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_fails_its_check_stops_takes_its_verdicts_back_and_goes_on_when_it_is_well() {
    let world = World::new().await;
    let engine = Engine::start(world.folder.path());
    let mut run_dir = None;
    let agent = world.agent_with(|config| {
        config.docker_socket.clone_from(&engine.socket);
        (config.warm_total, config.host_check) = (0, true);
        run_dir = Some(config.run_dir.clone());
    });
    let run_dir = run_dir.unwrap();
    let before = world.hand_in(&shell_lesson(), RIGHT).await;
    assert_eq!(verdict(world.result(before).await.outcome).outcome, Outcome::Passed);
    assert!(read_notice(&run_dir).unwrap().fit, "it was checked before the first job");

    // No container can be made any more. One job finds out, and then the check does, twice.
    engine.set(Fault::Refuse("POST"));
    let during = world.hand_in(&shell_lesson(), RIGHT).await;
    assert!(matches!(world.result(during).await.outcome, GradingOutcome::HostFault { .. }));
    let disown = world.api.disowned(before).await;
    assert!(disown.attempt == 1 && disown.why.contains("no space left"), "{disown:?}");
    let notice = read_notice(&run_dir).unwrap();
    assert!(!notice.fit && notice.why.contains("no space left"), "{notice:?}");

    let after = world.hand_in(&shell_lesson(), RIGHT).await;
    engine.set(Fault::None);
    assert_eq!(verdict(world.result(after).await.outcome).outcome, Outcome::Passed);
    assert_eq!(world.api.starts(after), 1, "nobody took it while the host was not well");
    assert!(read_notice(&run_dir).unwrap().fit);
    agent.stop().await;
}
