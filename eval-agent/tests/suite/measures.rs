//! How long a learner waits. Prints its figures; the limits it asserts are loose, because machines differ.

use std::time::{Duration, Instant};

use eval_agent::WarmImage;
use uuid::Uuid;

use crate::world::{Agent, World, containers_become, shell_lesson};

const ROUNDS: usize = 20;

/// From the job in the queue to a prompt at the relay, and then one echo.
async fn open_once(world: &World, rounds: usize) -> Vec<(Duration, Duration)> {
    let mut figures = Vec::new();
    for _ in 0..rounds {
        let clock = Instant::now();
        let job = world.open_session(&shell_lesson()).await;
        let mut line = world.api.line(job).await;
        line.until_ready().await;
        line.join(1, Uuid::new_v4()).await;
        let mut screen = line.open_terminal(1).await;
        let prompt = clock.elapsed();
        let mut echoes = Vec::new();
        for _ in 0..20 {
            let clock = Instant::now();
            screen.type_text(&line, "x").await;
            screen.until(&mut line, "x").await;
            echoes.push(clock.elapsed());
        }
        line.tell(ide_protocol::session::RelayToAgent::EndSession {
            reason: ide_protocol::session::EndReason::Asked,
        })
        .await;
        figures.push((prompt, median(echoes)));
        line.until_closed().await;
    }
    figures
}

fn median(mut figures: Vec<Duration>) -> Duration {
    figures.sort();
    figures[figures.len() / 2]
}

fn report(what: &str, figures: &[(Duration, Duration)]) -> Duration {
    let prompts: Vec<_> = figures.iter().map(|(prompt, _)| *prompt).collect();
    let echo = median(figures.iter().map(|(_, echo)| *echo).collect());
    let (slowest, middle) = (prompts.iter().max().unwrap().to_owned(), median(prompts.clone()));
    println!(
        "{what}: job to prompt {middle:?} (median of {}), {slowest:?} at most; echo {echo:?}",
        figures.len()
    );
    middle
}

async fn warm_agent(world: &World, warm: usize) -> Agent {
    let manifest = shell_lesson().manifest;
    let image = WarmImage { image: manifest.image, limits: manifest.limits, services: manifest.services };
    let agent = world.agent_with(|config| {
        config.warm = vec![image];
        (config.warm_per_key, config.warm_total) = (warm, warm);
        config.session_slots = ROUNDS;
    });
    containers_become(&agent.name, |count| count == warm).await;
    agent
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warm_session_shows_its_prompt_well_within_a_second() {
    let world = World::new().await;
    let agent = warm_agent(&world, ROUNDS).await;
    let figures = open_once(&world, ROUNDS).await;
    let warm = report("warm", &figures);
    agent.stop().await;
    let cold_agent = world.agent_with(|config| config.warm_total = 0);
    report("cold", &open_once(&world, ROUNDS).await);
    cold_agent.stop().await;
    assert!(warm < Duration::from_secs(1), "{warm:?}");
}
