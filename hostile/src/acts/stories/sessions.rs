//! Stories of live sessions, some of them two beside each other.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::net::TcpStream;
use uuid::Uuid;

use crate::acts::{Acted, Scene};
use crate::case::{Language, Mode};
use crate::ground::{Ground, Learner, LiveSession};

/// A shell that is well has answered by then.
const ANSWER: Duration = Duration::from_secs(10);

/// Where the learner's server listens: nothing else on a host does.
const PORT: u16 = 18_080;

/// How long a page does not read, while its terminal floods.
const STALLED: Duration = Duration::from_secs(2);

/// A session that is ended has no container any more by then (HOSTILE.md C07; O15 was a removal that hung).
const ENDED_WITHIN: Duration = Duration::from_secs(3);

/// A session of a learner nobody has seen before.
async fn settled(
    scene: Scene<'_>,
    called: &str,
    language: Language,
) -> anyhow::Result<(Learner, Uuid, LiveSession)> {
    let learner = scene.ground.learner(called).await?;
    let workspace = learner.open(&Ground::slug(language, Mode::Inside)).await?.id;
    let (session, live) = learner.settle(workspace).await?;
    Ok((learner, session, live))
}

async fn ask(live: &mut LiveSession, command: &str) -> anyhow::Result<String> {
    live.run(command, ANSWER).await?.with_context(|| format!("no answer to {command}"))
}

/// D02: a learner may listen on their own loopback, and only they can call.
pub(super) async fn listens_where_nobody_reaches(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let (mallory, session, mut live) = settled(scene, "mallory", Language::Python).await?;
    let (other, other_session, mut beside) = settled(scene, "beside", Language::Shell).await?;
    let began = Instant::now();
    let mut wrong = Vec::new();
    let serve = format!("python3 -m http.server --bind 0.0.0.0 {PORT} > /tmp/log 2>&1 &");
    let call = format!(
        "for try in {{1..50}}; do (exec 5<>/dev/tcp/127.0.0.1/{PORT}) 2>/dev/null && echo called-$((1+1)) && break; sleep 0.1; done"
    );
    if !ask(&mut live, &format!("{serve} {call}")).await?.contains("called-2") {
        wrong.push("its own server cannot be called from inside".to_owned());
    }
    let call = format!("(exec 5<>/dev/tcp/127.0.0.1/{PORT}) && echo called-$((1+1))");
    if ask(&mut beside, &call).await?.contains("called-2") {
        wrong.push("another learner's shell reaches it".to_owned());
    }
    let mut addresses = vec!["127.0.0.1".to_owned()];
    for container in scene.ground.engine.containers().await? {
        addresses.extend(scene.ground.engine.address(&container.name).await?);
    }
    for address in addresses {
        let called =
            tokio::time::timeout(Duration::from_secs(2), TcpStream::connect((address.as_str(), PORT))).await;
        if matches!(called, Ok(Ok(_))) {
            wrong.push(format!("the host reaches it at {address}"));
        }
    }
    let acted = Acted::held(began, wrong, String::new());
    mallory.end_session(session).await?;
    other.end_session(other_session).await?;
    Ok(acted)
}

/// C07: a flood nobody reads is held back, and the session ends as soon as any.
pub(super) async fn floods_a_page_that_stops_reading(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let (mallory, session, mut live) = settled(scene, "mallory", Language::Shell).await?;
    let before = scene.ground.engine.containers().await?.len();
    live.type_text("cat /dev/urandom | base64\r").await?;
    tokio::time::sleep(STALLED).await;
    let began = Instant::now();
    mallory.end_session(session).await?;
    let mut wrong = Vec::new();
    while scene.ground.engine.containers().await?.len() >= before {
        if began.elapsed() > ENDED_WITHIN {
            wrong.push(format!("its container is there {ENDED_WITHIN:?} after the session was ended"));
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let acted = Acted::held(began, wrong, String::new());
    drop(live);
    Ok(acted)
}

/// E06: what the kernel counts by uid, it counts for one container alone.
pub(super) async fn shares_no_uid(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let (mallory, session, mut live) = settled(scene, "mallory", Language::Shell).await?;
    let (other, other_session, mut beside) = settled(scene, "beside", Language::Shell).await?;
    let began = Instant::now();
    let mut uids = Vec::new();
    for shell in [&mut live, &mut beside] {
        let answer = ask(shell, "echo uid=$(id -u) guest=$(stat -c %u /proc/1)").await?;
        let line = answer.lines().find(|line| line.starts_with("uid=")).map(str::to_owned);
        uids.push(line.with_context(|| format!("no uid in {answer:?}"))?);
    }
    let mut wrong = Vec::new();
    if uids.first() == uids.last() {
        wrong.push(format!("two live containers share a uid: {uids:?}"));
    }
    let acted = Acted::held(began, wrong, uids.join("; "));
    mallory.end_session(session).await?;
    other.end_session(other_session).await?;
    Ok(acted)
}
