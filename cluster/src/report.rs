//! What came of it, in Markdown for people and JSON for programs.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde::Serialize;

use crate::cases::{Case, Growth, Outcome};
use crate::plan::{LEASE, RESTART_AFTER, Size};
use crate::reckoning;

#[derive(Debug, Serialize)]
pub struct Report {
    pub machine: Machine,
    pub size: Size,
    pub outcomes: Vec<Outcome>,
    /// Of the whole topology, at its end.
    pub wrong: Vec<String>,
    pub took: f64,
}

#[derive(Debug, Serialize)]
pub struct Machine {
    pub taken: String,
    pub commit: String,
    pub processor: String,
    pub cores: usize,
    pub memory_gib: f64,
    pub kernel: String,
    pub engine: String,
    pub haproxy: String,
    pub postgres: String,
}

impl Machine {
    #[must_use]
    pub fn describe(root: &Path) -> Self {
        let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let kib = memory.lines().next().and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
        let commit = ["-C", &root.to_string_lossy(), "describe", "--always", "--dirty"].map(str::to_owned);
        Self {
            taken: said("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
            commit: said("git", &commit.each_ref().map(String::as_str)),
            processor: model.map_or("unknown", |(_, model)| model.trim()).to_owned(),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            memory_gib: kib.unwrap_or_default() / 1_048_576.0,
            kernel: said("uname", &["-r"]),
            engine: said("docker", &["version", "--format", "Docker {{.Server.Version}}"]),
            haproxy: said("/usr/sbin/haproxy", &["-v"]),
            postgres: said("sh", &["-c", "ls /usr/lib/postgresql | sort -V | tail -1"]),
        }
    }
}

/// The first line of what a command says.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or("unknown").trim().to_owned()
}

impl Report {
    #[must_use]
    pub fn red(&self) -> usize {
        self.wrong.len() + self.outcomes.iter().map(|outcome| outcome.books.wrong.len()).sum::<usize>()
    }

    /// Writes `README.md` (between its marks) and `cluster.json` into `folder`.
    ///
    /// # Errors
    /// When the files cannot be written.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("cluster.json"), serde_json::to_string_pretty(self)? + "\n")?;
        fill(&folder.join("README.md"), &self.markdown())?;
        if let Some(growth) = self.growth()
            && let Some(docs) = folder.parent()
        {
            fill(&docs.join("growth.md"), &reckoning::table(growth))?;
        }
        Ok(())
    }

    fn growth(&self) -> Option<&Growth> {
        self.outcomes.iter().find_map(|outcome| outcome.growth.as_ref())
    }

    #[must_use]
    pub fn markdown(&self) -> String {
        let (machine, size) = (&self.machine, &self.size);
        let mut text = format!(
            "\nTaken {} at {}: {} × {}, {:.0} GiB, Linux {}, {}, {}, PostgreSQL {} with `fsync` on. {} APIs, {} agents, {} sessions, \
             {} learners who hand in. Leases last {} s here, dead parts are started again after {} s. The whole took {:.0} minutes.\n",
            machine.taken,
            machine.commit,
            machine.cores,
            machine.processor,
            machine.memory_gib,
            machine.kernel,
            machine.engine,
            machine.haproxy,
            machine.postgres,
            size.apis,
            size.agents,
            size.sessions,
            size.classmates,
            LEASE.as_secs(),
            RESTART_AFTER.as_secs(),
            self.took / 60.0
        );
        text.push_str(
            "\n| what was done | sessions silent, s: p50 / max | hand-in to verdict, s: p50 / max | requests tried again | new containers |\n\
             | --- | --- | --- | --- | --- |\n",
        );
        for row in self.outcomes.iter().flat_map(|outcome| &outcome.rows) {
            let _ = writeln!(
                text,
                "| {} | {:.1} / {:.1} | {:.1} / {:.1} | {} of {} | {} |",
                row.what,
                row.session_p50,
                row.session_max,
                row.hand_in_p50,
                row.hand_in_max,
                row.failed,
                row.requests,
                row.containers_replaced
            );
        }
        text.push_str(
            "\n| case | hand-ins accepted | one verdict, the right one | graded again | keys acknowledged / echoed | saves | wrong |\n\
             | --- | --- | --- | --- | --- | --- | --- |\n",
        );
        for outcome in self.outcomes.iter().filter(|outcome| outcome.case != Case::Growth) {
            let books = &outcome.books;
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} / {} | {} | {} |",
                name(outcome.case),
                books.accepted,
                books.right,
                books.graded_again,
                books.keys_acknowledged,
                books.keys_echoed,
                books.saves,
                books.wrong.len()
            );
        }
        for note in self.outcomes.iter().flat_map(|outcome| &outcome.notes) {
            let _ = writeln!(text, "\n{note}.");
        }
        let wrong = self.outcomes.iter().flat_map(|outcome| &outcome.books.wrong).chain(&self.wrong);
        for what in wrong {
            let _ = writeln!(text, "\n* **wrong**: {what}");
        }
        if let Some(growth) = self.growth() {
            text.push_str(&growth_of(growth));
        }
        text
    }
}

/// Puts `text` between the marks of a page.
fn fill(page: &Path, text: &str) -> anyhow::Result<()> {
    let old = std::fs::read_to_string(page).unwrap_or_else(|_| format!("{BEGIN}\n{END}\n"));
    let (before, rest) = old.split_once(BEGIN).unwrap_or((&old, ""));
    let after = rest.split_once(END).map_or("\n", |(_, after)| after);
    Ok(std::fs::write(page, format!("{before}{BEGIN}\n{text}{END}{after}"))?)
}

fn growth_of(growth: &Growth) -> String {
    let mut text = "\n| APIs | agents | hand-ins/s | processor s per hand-in | openings/s | opening p50, s | processor s per opening |\n\
                    | --- | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for row in &growth.rows {
        let _ = writeln!(
            text,
            "| {} | {} | {:.1} | {:.2} | {:.1} | {:.2} | {:.2} |",
            row.apis,
            row.agents,
            row.hand_ins_per_second,
            row.processor_per_hand_in,
            row.openings_per_second,
            row.opening_p50,
            row.processor_per_opening
        );
    }
    let list = |of: &mut dyn Iterator<Item = (String, String)>| {
        of.map(|(what, figure)| format!("{what} {figure}")).collect::<Vec<_>>().join(", ")
    };
    let mut parts =
        growth.hand_in_by_part.iter().map(|(part, spent)| ((*part).to_owned(), format!("{spent:.3}")));
    let _ = writeln!(text, "\n* Processor seconds per hand-in: {}.", list(&mut parts));
    let mut parts =
        growth.session_hour_by_part.iter().map(|(part, spent)| ((*part).to_owned(), format!("{spent:.1}")));
    let _ = writeln!(
        text,
        "* Processor seconds per hour of a session in which four keys a second are typed and a file is saved every three: {:.0} ({}). \
         Key to echo with {} of them: {:.1} ms in the middle, {:.1} ms at p99.",
        growth.processor_per_session_hour,
        list(&mut parts),
        growth.sessions,
        growth.echo_p50 * 1_000.0,
        growth.echo_p99 * 1_000.0
    );
    let mut parts = growth.at_rest.iter().map(|(part, spent)| ((*part).to_owned(), format!("{spent:.3}")));
    let _ = writeln!(text, "* Processor seconds per second at rest: {}.", list(&mut parts));
    let mut parts = growth.resident_kib.iter().map(|(part, (before, after))| {
        ((*part).to_owned(), format!("{} → {} MiB", before / 1_024, after / 1_024))
    });
    let _ = writeln!(text, "* Resident, before and with the sessions: {}.", list(&mut parts));
    let mut parts = growth.rows_per_hand_in.iter().map(|(table, rows)| (table.clone(), format!("{rows:.1}")));
    let _ = writeln!(
        text,
        "* In the database per hand-in: {:.0} bytes; rows written: {}.",
        growth.database_bytes_per_hand_in,
        list(&mut parts)
    );
    let mut parts =
        growth.queue_calls_per_hand_in.iter().map(|(call, count)| (call.clone(), format!("{count:.2}")));
    let _ = writeln!(text, "* Calls of the queue per hand-in: {}.", list(&mut parts));
    let mut parts =
        growth.queue_calls_idle_per_hour.iter().map(|(call, count)| (call.clone(), format!("{count:.0}")));
    let _ =
        writeln!(text, "* Calls of the queue per hour at rest, all APIs and agents: {}.", list(&mut parts));
    for line in &growth.store {
        let _ = writeln!(text, "* {line}.");
    }
    text
}

fn name(case: Case) -> String {
    serde_json::to_value(case).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

const BEGIN: &str = "<!-- generated by make cluster: do not edit below -->";
const END: &str = "<!-- generated by make cluster: do not edit above -->";
