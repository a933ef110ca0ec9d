//! A lesson that asks for more than the host gives is refused in words that name the way out, and runs once allowed.

use eval_agent::{Ceilings, Permits};
use ide_protocol::results::{GradingOutcome, Outcome};

use crate::grading::verdict;
use crate::world::{World, shell_lesson_with};

const RIGHT: &str = "echo \"hello${1:+ $1}\"";
const LARGE: &str = "wall_seconds = 10\nmemory_mib = 300";

fn permits(allowed: &[&str]) -> Permits {
    let ceilings = Ceilings { memory_mib: 256, ..Ceilings::default() };
    Permits { ceilings, allowed: allowed.iter().map(|text| text.parse().unwrap()).collect() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lesson_above_the_ceiling_is_the_lessons_fault_until_it_is_allowed_by_name() {
    let refused_by = [&[][..], &["another=memory"], &["greeting=cpu"]];
    let world = World::new().await;
    for allowed in refused_by {
        let agent = world.agent_with(|config| {
            config.permits = permits(allowed);
            config.warm_total = 0;
        });
        let job = world.hand_in(&shell_lesson_with(LARGE), RIGHT).await;
        let outcome = world.result(job).await.outcome;
        let GradingOutcome::LessonFault { fault } = outcome else { panic!("{outcome:?}") };
        let text = fault.to_string();
        assert!(text.contains("asks for 300 MiB of memory and this host gives 256"), "{text}");
        assert!(text.contains("--allow greeting=memory"), "{text}");
        agent.stop().await;
    }
    let agent = world.agent_with(|config| config.permits = permits(&["greeting=memory"]));
    let job = world.hand_in(&shell_lesson_with(LARGE), RIGHT).await;
    assert_eq!(verdict(world.result(job).await.outcome).outcome, Outcome::Passed);
    agent.stop().await;
}
