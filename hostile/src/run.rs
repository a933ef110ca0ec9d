//! Row after row: those that leave the machine its breath a few at a time, the others alone.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::acts::{Acted, Scene, act};
use crate::case::{Case, Kind, Language, Mode, Row};
use crate::class::Class;
use crate::ground::{Ground, Plan};
use crate::invariants::{Before, Finding, Sampler, hand_in_reference, of_batch, of_row};
use crate::neighbour::Neighbour;
use crate::report::{Line, Report};

/// Rows at once: one less than hand-ins are graded at once, and about as many as there are cores.
const BATCH: usize = 2;

/// Hand-ins that may run out of time before an image is in the machine's memory.
const WARM_UPS: usize = 2;

/// Where the cases lie, from the repository.
pub const CASES: &str = "hostile/cases";

/// What to run, and on what.
#[derive(Debug, Clone)]
pub struct Options {
    pub plan: Plan,
    /// Ids and starts of ids (`F*`); all when empty.
    pub cases: Vec<String>,
    /// Only what is in `make test`.
    pub fast: bool,
    /// Stop at the first case that is red.
    pub until_red: bool,
    /// Leave the folder with logs and data behind even when all is well.
    pub keep: bool,
}

/// Runs the cases and prints each as it is done.
///
/// # Errors
/// When Gradus does not start, or a case is not well-formed.
pub async fn run(options: &Options) -> anyhow::Result<Report> {
    let began = Instant::now();
    let cases = Case::read_all(&options.plan.root.join(CASES))?;
    let wanted = cases.iter().filter(|case| {
        let named = options.cases.is_empty() || options.cases.iter().any(|pattern| case.is_named(pattern));
        named && (!options.fast || case.file.fast)
    });
    let mut ground = Ground::prepare(&options.plan).await?;
    let mut rows = Vec::new();
    for case in wanted {
        let all = Row::all(case, |language, mode| ground.has_lesson(language, mode));
        rows.extend(if options.fast { first_of_each_mode(all) } else { all });
    }
    anyhow::ensure!(!rows.is_empty(), "no case is called {:?}", options.cases);
    let ended = on(&ground, rows, options.until_red).await;
    let left = ground.stop().await?;
    let mut report = match ended {
        Ok(report) => report,
        Err(why) => {
            println!("logs and data: {}", ground.keep().display());
            return Err(why);
        }
    };
    report.took_seconds = began.elapsed().as_secs_f64();
    if !left.is_empty() {
        report.findings.push(Finding::new("I3", format!("{left:?} outlived their agent")));
        println!("containers left after the end: {left:?}");
    }
    if options.keep || (report.red() > 0 && !options.until_red) {
        println!("logs and data: {}", ground.keep().display());
    }
    Ok(report)
}

/// What every language shows alike, one shows quickly.
fn first_of_each_mode(rows: Vec<Row>) -> Vec<Row> {
    let mut kept: Vec<Row> = Vec::new();
    for row in rows {
        if !kept.iter().any(|other| other.mode == row.mode) {
            kept.push(row);
        }
    }
    kept
}

async fn on(ground: &Ground, rows: Vec<Row>, until_red: bool) -> anyhow::Result<Report> {
    // Every image once, before anything is measured: what is loaded for the first time is no case's doing. Where any red
    // will do, its cause is looked for with less care.
    for (language, mode) in if until_red { Vec::new() } else { used(&rows) } {
        let mut class = hand_in_reference(ground, language, mode).await?;
        for _ in 0..WARM_UPS {
            // A cold disk may take all of a lesson's three seconds.
            if class == Class::TimedOut {
                class = hand_in_reference(ground, language, mode).await?;
            }
        }
        anyhow::ensure!(class == Class::Passed, "the {} reference comes to {class:?}", language.word());
    }
    let neighbour = Neighbour::settle(ground).await?;
    let mut report = Report { baseline_ms: ms(neighbour.baseline), ..Report::default() };
    println!("{} rows; the neighbour's echo takes {:.1} ms (p95, quiet)", rows.len(), report.baseline_ms);
    for batch in batches(rows) {
        let mut lines = together(ground, &neighbour, &batch).await?;
        // Who is to blame for what a batch has done to all shows when each is on its own.
        if batch.len() > 1 && lines.iter().any(Line::is_red) {
            lines.clear();
            for row in &batch {
                lines.extend(together(ground, &neighbour, std::slice::from_ref(row)).await?);
            }
        }
        for line in lines {
            line.print();
            report.lines.push(line);
        }
        if until_red && report.red() > 0 {
            break;
        }
    }
    Ok(report)
}

/// Does some rows at once, and asks what holds afterwards.
async fn together(ground: &Ground, neighbour: &Neighbour, rows: &[Row]) -> anyhow::Result<Vec<Line>> {
    let before = Before::note(ground)?;
    let scenes: Vec<_> = rows.iter().map(|row| Scene { ground, neighbour, row }).collect();
    let acts = futures_util::future::join_all(scenes.iter().map(|scene| act(*scene)));
    let (sampler, acted) = Sampler::beside(ground, acts).await;
    let mut lessons: Vec<_> = rows.iter().map(|row| (row.language, row.mode)).collect();
    lessons.dedup();
    let shared = of_batch(ground, neighbour, &before, &sampler, &lessons).await?;
    let mut lines = Vec::new();
    for (scene, acted) in scenes.iter().zip(acted) {
        let mut findings = of_row(*scene, &acted).await?;
        findings.extend(shared.iter().cloned());
        let Acted { class, took, seen, .. } = acted;
        lines.push(Line::new(scene.row, class, took, seen, findings));
    }
    Ok(lines)
}

/// Neighbours in the list that may share the machine, in twos; the others alone.
fn batches(rows: Vec<Row>) -> Vec<Vec<Row>> {
    let mut batches: Vec<Vec<Row>> = Vec::new();
    for row in rows {
        match batches.last_mut() {
            Some(last) if last.len() < BATCH && shares(&row) && last.iter().all(shares) => last.push(row),
            _ => batches.push(vec![row]),
        }
    }
    batches
}

fn shares(row: &Row) -> bool {
    !row.case.file.alone
}

/// Lessons that the rows need.
fn used(rows: &[Row]) -> Vec<(Language, Mode)> {
    let mut used = Vec::new();
    for row in rows {
        let modes = [Some(Mode::Inside), (row.case.file.kind == Kind::HandIn).then_some(row.mode)];
        for mode in modes.into_iter().flatten() {
            if !used.contains(&(row.language, mode)) {
                used.push((row.language, mode));
            }
        }
    }
    used
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// Where the report is written unless said otherwise, from the repository.
#[must_use]
pub fn report_path(root: &std::path::Path) -> PathBuf {
    root.join("target/hostile/report.json")
}
