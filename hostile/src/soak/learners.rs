//! Learners who hand in one work after the other, and try again whenever the API is not there, as a browser does.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ide_protocol::files::{FileContent, WorkspaceFile};
use tokio::sync::RwLock;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::SETTLED_WITHIN;
use crate::case::{Case, Kind, Language, Mode, Row};
use crate::class::Class;
use crate::ground::{Ground, Learner};

/// Of a hundred hand-ins, so many are hostile; of the others half are right.
const HOSTILE_IN_A_HUNDRED: u64 = 10;
/// Between tries while the API is away.
const TRY_AGAIN: Duration = Duration::from_millis(200);
/// Until somebody who is away has to be back.
const AWAY_AT_MOST: Duration = Duration::from_secs(60);

/// A hand-in that the API took, and what came of it.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) submission: Uuid,
    pub(super) work: String,
    pub(super) hostile: bool,
    pub(super) may_come_to: Vec<Class>,
    pub(super) class: Class,
    pub(super) took: Duration,
}

impl Accepted {
    pub(super) fn is_right(&self) -> bool {
        self.may_come_to.contains(&self.class)
    }
}

/// What there is to hand in.
pub(super) struct Works {
    lessons: Vec<(Language, Mode)>,
    hostile: Vec<Row>,
}

/// One of them.
struct Work {
    name: String,
    slug: String,
    files: Vec<WorkspaceFile>,
    may_come_to: Vec<Class>,
    hostile: bool,
}

impl Works {
    /// # Errors
    /// When a case is not well-formed.
    pub(super) fn read(ground: &Ground) -> anyhow::Result<Self> {
        let cases = Case::read_all(&ground.plan().root.join("hostile/cases"))?;
        let fits = |case: &&Arc<Case>| case.file.kind == Kind::HandIn && case.file.types.is_empty();
        let rows = cases.iter().filter(fits).flat_map(|case| Row::all(case, |l, m| ground.has_lesson(l, m)));
        let pairs = Language::ALL.into_iter().flat_map(|language| Mode::ALL.map(|mode| (language, mode)));
        let lessons: Vec<_> = pairs.filter(|(language, mode)| ground.has_lesson(*language, *mode)).collect();
        Ok(Self { lessons, hostile: rows.collect() })
    }

    fn pick(&self) -> anyhow::Result<Work> {
        if below(100) < HOSTILE_IN_A_HUNDRED {
            let row = any(&self.hostile).context("there is no hostile case")?;
            let payload = row.payload().context("a hand-in without files")?;
            return Ok(Work {
                name: row.name(),
                slug: Ground::slug(row.language, row.mode),
                files: payload.files.clone(),
                may_come_to: row.expected().to_vec(),
                hostile: true,
            });
        }
        let (language, mode) = *any(&self.lessons).context("there is no lesson")?;
        let right = below(2) == 0;
        let factor = if right { 3 } else { 2 };
        let name = format!("{} {} {}", if right { "right" } else { "wrong" }, language.word(), mode.word());
        let class = if right { Class::Passed } else { Class::Failed };
        let files = vec![times(language, factor)?];
        Ok(Work { name, slug: Ground::slug(language, mode), files, may_come_to: vec![class], hostile: false })
    }
}

/// A solution that multiplies by `factor`: three is right.
fn times(language: Language, factor: u32) -> anyhow::Result<WorkspaceFile> {
    let text = match language {
        Language::Python => format!("def triple(number):\n    return number * {factor}\n"),
        Language::Javascript => format!("export const triple = (number) => number * {factor};\n"),
        Language::Shell => format!("#!/bin/bash\necho $(($1 * {factor}))\n"),
        Language::C => {
            format!("#include \"solution.h\"\nlong triple(long number) {{ return number * {factor}; }}\n")
        }
    };
    let path = language.solution().parse()?;
    Ok(WorkspaceFile { path, revision: 0, content: FileContent::Text(text), executable: true })
}

/// Hands in until it is over; answers when the last verdict is there.
pub(super) async fn practise(
    number: usize,
    ground: &RwLock<Ground>,
    works: &Works,
    over: &CancellationToken,
) -> anyhow::Result<Vec<Accepted>> {
    let mut accepted = Vec::new();
    while !over.is_cancelled() {
        let work = works.pick()?;
        // A new person each time: what one has left in a workspace is not the next one's.
        let learner = insist(async || ground.read().await.learner(&format!("soak{number}")).await).await?;
        accepted.push(hand_in(&learner, work).await?);
    }
    Ok(accepted)
}

async fn hand_in(learner: &Learner, work: Work) -> anyhow::Result<Accepted> {
    let workspace = insist(async || learner.open(&work.slug).await).await?.id;
    insist(async || learner.save(workspace, &work.files).await).await?;
    // The same key however often it is sent: one hand-in.
    let key = Uuid::new_v4().to_string();
    let began = Instant::now();
    let submission = insist(async || learner.hand_in(workspace, &key).await).await?.id;
    let class = loop {
        let seen = insist(async || learner.submission(submission).await).await?;
        let class = Class::of(&seen.state);
        if class != Class::Unknown || began.elapsed() > SETTLED_WITHIN {
            break class;
        }
        tokio::time::sleep(TRY_AGAIN).await;
    };
    let Work { name, may_come_to, hostile, .. } = work;
    Ok(Accepted { submission, work: name, hostile, may_come_to, class, took: began.elapsed() })
}

/// Asks until there is an answer.
async fn insist<T>(ask: impl AsyncFn() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let began = Instant::now();
    loop {
        match ask().await {
            Ok(answer) => return Ok(answer),
            Err(why) if began.elapsed() > AWAY_AT_MOST => return Err(why.context("tried for a minute")),
            Err(_) => tokio::time::sleep(TRY_AGAIN).await,
        }
    }
}

/// A random number below `bound`.
pub(super) fn below(bound: u64) -> u64 {
    u64::try_from(Uuid::new_v4().as_u128() % u128::from(bound.max(1))).unwrap_or_default()
}

fn any<T>(list: &[T]) -> Option<&T> {
    list.get(usize::try_from(below(list.len() as u64)).ok()?)
}
