//! The agent's side, without queue and API: what a question asks for is done once, timed around nothing else, and answered
//! in one line.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context as _;
use clap::Args;
use eval_agent::Config;
use eval_agent::local::Local;
use futures_util::StreamExt as _;
use futures_util::stream::{self, FuturesUnordered};
use ide_protocol::results::{GradingOutcome, Outcome};
use lesson::Lesson;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::programs::{self, Program};

#[derive(Args)]
pub struct Agent {
    /// The static guest.
    #[arg(long, env = "GRADUS_GUEST")]
    guest: PathBuf,
    /// The OCI runtime, as with `gradus up`.
    #[arg(long, env = "GRADUS_RUNTIME")]
    runtime: Option<String>,
    /// Lesson folders, named by their last part.
    lessons: Vec<PathBuf>,
}

/// One line of standard input.
#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Question {
    /// Have so many containers of the lesson's ready, and nothing else going on.
    Warm {
        lesson: String,
        containers: usize,
    },
    /// Grade the lesson's own solution.
    Grade {
        lesson: String,
    },
    /// Claim a container, lay the lesson's files, open a terminal: until its prompt is there.
    Prompt {
        lesson: String,
    },
    /// Grade `count` times, `in_flight` at once.
    GradeMany {
        lesson: String,
        count: usize,
        in_flight: usize,
    },
    /// Run a program of this machine to its end.
    Run {
        program: Program,
    },
    RunMany {
        program: Program,
        count: usize,
        in_flight: usize,
    },
    /// Wait until every container that was used is gone.
    Settle,
}

impl Agent {
    pub async fn run(self) -> anyhow::Result<()> {
        let mut config = Config::new("bench", self.guest);
        config.run_dir = PathBuf::from("/run/gradus/bench");
        config.runtime = self.runtime;
        // As many at once as a throughput asks for; who measures says how many those are.
        config.parallel_starts = 8;
        let asked = Asked { local: Arc::new(Local::open(config).await?), lessons: load(&self.lessons)? };
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Some(line) = lines.next_line().await? {
            let answer = match serde_json::from_str(&line) {
                Ok(question) => asked.answer(question).await,
                Err(why) => Err(why.into()),
            };
            println!("{}", answer.unwrap_or_else(|why| json!({ "error": format!("{why:#}") })));
        }
        anyhow::ensure!(asked.local.close().await, "a container resists removal");
        Ok(())
    }
}

struct LoadedLesson {
    lesson: Lesson,
    digest: String,
}

fn load(folders: &[PathBuf]) -> anyhow::Result<BTreeMap<String, LoadedLesson>> {
    let read = |folder: &PathBuf| {
        let lesson = Lesson::from_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
        let digest = lesson::pack(&lesson)?.digest;
        Ok((lesson.manifest.slug.clone(), LoadedLesson { lesson, digest }))
    };
    folders.iter().map(read).collect()
}

struct Asked {
    local: Arc<Local>,
    lessons: BTreeMap<String, LoadedLesson>,
}

impl Asked {
    async fn answer(&self, question: Question) -> anyhow::Result<Value> {
        match question {
            Question::Warm { lesson, containers } => {
                self.settle().await?;
                self.local.warm(&self.find(&lesson)?.lesson, containers).await?;
                Ok(json!({}))
            }
            Question::Grade { lesson } => self.grade(&lesson).await,
            Question::Prompt { lesson } => {
                let opened = self.local.first_prompt(&self.find(&lesson)?.lesson).await?;
                let micros = |time: std::time::Duration| time.as_micros();
                Ok(
                    json!({ "claim_us": micros(opened.claimed), "laid_us": micros(opened.laid), "micros": micros(opened.prompt) }),
                )
            }
            Question::GradeMany { lesson, count, in_flight } => {
                self.settle().await?;
                let clock = Instant::now();
                let graded = stream::iter(0..count).map(|_| self.grade(&lesson)).buffer_unordered(in_flight);
                let answers: Vec<_> = graded.collect().await;
                // A rate that leaves the sweeping-up to later is none.
                self.settle().await?;
                let micros = clock.elapsed().as_micros();
                let every: anyhow::Result<Vec<_>> = answers.into_iter().collect();
                Ok(json!({ "micros": micros, "count": every?.len() }))
            }
            Question::Run { program } => programs::run(&program).await,
            Question::RunMany { program, count, in_flight } => {
                let clock = Instant::now();
                let mut running = FuturesUnordered::new();
                for number in 0..count {
                    if number >= in_flight {
                        running.next().await.transpose()?;
                    }
                    running.push(programs::run(&program));
                }
                while running.next().await.transpose()?.is_some() {}
                Ok(json!({ "micros": clock.elapsed().as_micros(), "count": count }))
            }
            Question::Settle => self.settle().await.map(|()| json!({})),
        }
    }

    async fn grade(&self, slug: &str) -> anyhow::Result<Value> {
        let found = self.find(slug)?;
        let files = found.lesson.solution_files();
        let clock = Instant::now();
        let (tried, _) = self.local.grade(&found.lesson, &found.digest, &files).await;
        let micros = clock.elapsed().as_micros();
        match tried.outcome {
            GradingOutcome::Verdict { verdict } if verdict.outcome == Outcome::Passed => {
                Ok(json!({ "micros": micros, "timings": tried.timings }))
            }
            other => anyhow::bail!("the solution of {slug} did not pass: {other:?}"),
        }
    }

    async fn settle(&self) -> anyhow::Result<()> {
        anyhow::ensure!(self.local.settled().await, "a container resists removal");
        Ok(())
    }

    fn find(&self, slug: &str) -> anyhow::Result<&LoadedLesson> {
        self.lessons.get(slug).with_context(|| format!("no lesson {slug} was named"))
    }
}
