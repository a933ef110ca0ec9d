//! What an agent does without its queue, and when it is asked to empty its host.

use std::time::Duration;

use ide_protocol::close;
use ide_protocol::results::Outcome;
use job_queue::{JobQueue as _, Lane};
use sqlx::{Connection as _, Executor as _, SqliteConnection};

use crate::grading::verdict;
use crate::world::{PATIENCE, World, containers, shell_lesson};

/// Of a lease; the queue is away for three times as long.
const VISIBILITY: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_session_outlives_a_queue_that_is_away_for_longer_than_its_lease() {
    let world = World::new().await;
    let agent = world.agent_with(|config| {
        (config.visibility, config.warm_total) = (VISIBILITY, 0);
    });
    let session = world.open_session(&shell_lesson()).await;
    let mut line = world.api.line(session).await;
    line.until_ready().await;
    line.join(1, uuid::Uuid::new_v4()).await;
    let mut screen = line.open_terminal(1).await;
    screen.type_text(&line, "here=still\n").await;

    // Nobody can write to its file.
    let path = format!("sqlite://{}", world.folder.path().join("queue.db").display());
    let mut intruder = SqliteConnection::connect(&path).await.unwrap();
    intruder.execute("BEGIN IMMEDIATE").await.unwrap();
    tokio::time::sleep(3 * VISIBILITY).await;
    intruder.execute("ROLLBACK").await.unwrap();

    // By now the message has been given out again, to the only agent there is, and waits behind the session.
    let in_flight = || async { world.queue.depth(Lane::Sessions).await.unwrap().in_flight };
    tokio::time::timeout(PATIENCE, async {
        while in_flight().await != 1 {
            tokio::task::yield_now().await
        }
    })
    .await
    .unwrap();
    screen.type_text(&line, "echo $here there\n").await;
    screen.until(&mut line, "still there").await;
    assert_eq!(world.api.starts(session), 1, "it was begun once");

    // Once it is over, nothing is left of the message.
    world.api.end(session);
    drop(line);
    let gone = async {
        loop {
            let depth = world.queue.depth(Lane::Sessions).await.unwrap();
            if depth.waiting + depth.in_flight + depth.dead == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("the message is left");
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_asked_to_be_empty_finishes_gradings_and_hands_sessions_over() {
    let world = World::new().await;
    let mut run_dir = None;
    let agent = world.agent_with(|config| run_dir = Some(config.run_dir.clone()));
    let session = world.open_session(&shell_lesson()).await;
    let mut line = world.api.line(session).await;
    line.until_ready().await;
    let job = world.hand_in(&shell_lesson(), "sleep 2; echo \"hello${1:+ $1}\"").await;
    world.api.started(job, 1).await;

    let mut told = Vec::new();
    let within = Some(Duration::from_secs(1));
    let run_dir = run_dir.unwrap();
    let drained = eval_agent::control::drain(&run_dir, within, |left| told.push(left));
    let (code, drained) = tokio::join!(line.until_closed(), drained);
    drained.unwrap();

    assert_eq!(code, Some(close::GOING_AWAY));
    assert!((told[0].sessions, told[0].gradings) <= (1, 1) && told.last().unwrap().is_empty, "{told:?}");
    assert_eq!(verdict(world.result(job).await.outcome).outcome, Outcome::Passed);
    assert_eq!(containers(&agent.name).await, Vec::<String>::new());
    agent.stop().await;
    let nobody = eval_agent::control::drain(&run_dir, None, |_| {}).await.unwrap_err().to_string();
    assert!(nobody.contains("no agent answers in"), "{nobody}");
    // The session is there for whoever comes next.
    let next = world.agent();
    world.api.line(session).await.until_ready().await;
    next.stop().await;
}
