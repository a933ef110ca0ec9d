//! Says on a session's socket what no browser says, and looks at how it is closed.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio_tungstenite::tungstenite::Message;

use super::files_api::unescape;
use super::{Acted, Scene};
use crate::case::Says;
use crate::ground::{Heard, Learner, LiveSession};

pub(super) async fn act(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let learner = scene.ground.learner("mallory").await?;
    let workspace = learner.open(&scene.slug()).await?.id;
    let session = learner.ask_for_session(workspace).await?.id;
    let began = Instant::now();
    let (mut wrong, mut took) = (Vec::new(), Vec::new());
    for says in &scene.row.case.file.says {
        let (what, time) = one(scene, &learner, session, says).await?;
        wrong.extend(what);
        took.push(time);
    }
    took.sort_unstable();
    let median = took.get(took.len() / 2).copied().unwrap_or_default();
    if let Some(most) = scene.row.case.file.median_ms.map(|ms| Duration::from_millis(ms.into()))
        && median > most
    {
        wrong.push(format!("half of them took longer than {median:?}, and {most:?} is what they may"));
    }
    let seen = format!("{} sockets, half of them answered within {median:?}", took.len());
    let acted = Acted::held(began, wrong, seen);
    learner.end_session(session).await?;
    Ok(acted)
}

/// On a socket of its own; what is wrong, if anything, and how long the answer took.
async fn one(
    scene: Scene<'_>,
    learner: &Learner,
    session: uuid::Uuid,
    says: &Says,
) -> anyhow::Result<(Option<String>, Duration)> {
    let mut page = learner.connect(session).await?;
    if !says.before_hello {
        page.hello().await?;
    }
    let began = Instant::now();
    let what = heard(scene, &mut page, says).await?;
    Ok((what, began.elapsed()))
}

async fn heard(scene: Scene<'_>, page: &mut LiveSession, says: &Says) -> anyhow::Result<Option<String>> {
    let message = message(says)?;
    let began = Instant::now();
    for _ in 0..says.times {
        // A socket that is closed meanwhile says so when it is read.
        if page.send(message.clone()).await.is_err() {
            break;
        }
    }
    let within = says.within_ms.map_or(scene.bound(), |ms| Duration::from_millis(ms.into()));
    let mut heard = String::new();
    let what =
        || says.text.clone().or(says.hex.clone()).unwrap_or_default().chars().take(80).collect::<String>();
    loop {
        match page.hear(within.saturating_sub(began.elapsed())).await {
            Some(Heard::Closed(code)) => {
                let code = code.unwrap_or_default();
                let right = says.closes.contains(&code);
                return Ok((!right).then(|| {
                    format!("{}: closed with {code} instead of {:?}; heard {heard}", what(), says.closes)
                }));
            }
            Some(Heard::Message(message)) => heard.push_str(&serde_json::to_string(&message)?),
            Some(_) => {}
            None if says.closes.is_empty() && says.hears.is_empty() => return Ok(None),
            None => {
                return Ok(Some(format!(
                    "{}: nothing of what has to come within {within:?}: {heard}",
                    what()
                )));
            }
        }
        if says.closes.is_empty()
            && !says.hears.is_empty()
            && says.hears.iter().all(|text| heard.contains(text))
        {
            return Ok(None);
        }
    }
}

fn message(says: &Says) -> anyhow::Result<Message> {
    if let Some(text) = &says.text {
        let bytes = unescape(text)?;
        return Ok(Message::text(String::from_utf8(bytes).context("a text frame is UTF-8")?));
    }
    let hex = says.hex.as_deref().context("[[says]] has `text` or `hex`")?;
    let digits = String::from_utf8(unescape(hex)?)?;
    let digits: String = digits.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = (0..digits.len()).step_by(2).map(|at| {
        let pair = digits.get(at..at + 2).context("hex digits come in pairs")?;
        Ok(u8::from_str_radix(pair, 16)?)
    });
    Ok(Message::binary(bytes.collect::<anyhow::Result<Vec<u8>>>()?))
}
