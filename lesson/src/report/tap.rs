//! TAP, versions 13 and 14, read as it streams: a test is known when its line is.
//!
//! Only lines at the left edge count. A subtest's lines are indented, and the point that follows it speaks for it; other
//! text is not TAP and passed over. The plan is the only promise that nothing is missing, so a report without one, or
//! with another number of points than planned, is not whole.

use std::collections::HashSet;

use ide_protocol::results::{TestResult, TestStatus};

use super::ReportProblem;
use super::tap_diagnosis::Diagnosis;
use super::tap_line::{Line, Point, parse};
use super::tests_seen::{RawTest, TestsSeen};

#[derive(Debug, Default)]
pub(super) struct Reader {
    /// A line whose end has not come yet.
    partial: Vec<u8>,
    seen: TestsSeen,
    numbers: HashSet<u64>,
    highest: u64,
    plan: Option<Plan>,
    /// What the lines after the last point say about it.
    diagnosis: Option<Diagnosis>,
    /// The first thing found wrong.
    problem: Option<ReportProblem>,
}

#[derive(Debug, Clone, Copy)]
struct Plan {
    count: u64,
    /// Whether it closed the report rather than opened it.
    trailing: bool,
}

impl Reader {
    /// Takes more bytes; returns the tests that became known.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<TestResult> {
        let mut known = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(&mut self.partial);
                self.line(&String::from_utf8_lossy(&line), &mut known);
            }
        }
        known
    }

    pub(super) fn finish(mut self) -> (Vec<TestResult>, Option<ReportProblem>) {
        let mut known = Vec::new();
        let rest = std::mem::take(&mut self.partial);
        self.line(&String::from_utf8_lossy(&rest), &mut known);
        self.settle(&mut known);
        let problem = self.problem.take().or_else(|| self.missing());
        (self.seen.into_tests(), problem)
    }

    fn line(&mut self, line: &str, known: &mut Vec<TestResult>) {
        let line = line.trim_end();
        if let Some(diagnosis) = &mut self.diagnosis
            && diagnosis.takes(line)
        {
            return;
        }
        match parse(line) {
            Line::Version(version) if !(13..=14).contains(&version) => {
                self.malformed(format!("TAP version {version} is unknown"));
            }
            Line::Plan(count) => {
                self.settle(known);
                self.planned(count);
            }
            Line::Point(point) => {
                self.settle(known);
                self.point(point, known);
            }
            Line::BailOut(reason) => {
                self.settle(known);
                self.problem.get_or_insert(ReportProblem::BailedOut(reason.to_owned()));
            }
            // As node announces the next point.
            Line::Comment(text) if text.starts_with("Subtest:") => self.settle(known),
            Line::Comment(text) => {
                if let Some(diagnosis) = &mut self.diagnosis {
                    diagnosis.comment(text);
                }
            }
            Line::Version(_) | Line::Other => {}
        }
    }

    fn planned(&mut self, count: u64) {
        if self.plan.is_some() {
            self.malformed("there are two plans".to_owned());
        } else {
            self.plan = Some(Plan { count, trailing: self.seen.len() > 0 });
        }
    }

    fn point(&mut self, point: Point, known: &mut Vec<TestResult>) {
        let number = point.number.unwrap_or(self.highest.saturating_add(1));
        self.highest = self.highest.max(number);
        match self.plan {
            Some(plan) if plan.trailing => self.malformed("a test comes after the closing plan".to_owned()),
            Some(plan) if number > plan.count => self.malformed(format!("test {number} is not in the plan")),
            _ if number == 0 => self.malformed("tests are numbered from 1".to_owned()),
            _ => {}
        }
        if !self.numbers.insert(number) {
            self.malformed(format!("test {number} is reported twice"));
        }
        let name = if point.description.is_empty() { format!("test {number}") } else { point.description };
        let raw = RawTest { id: name.clone(), name, message: point.reason, ..RawTest::default() };
        match self.seen.add(raw, point.status) {
            Ok(test) => {
                let untold = point.status == TestStatus::Failed;
                if !untold {
                    known.push(test.clone());
                }
                self.diagnosis = Some(Diagnosis::new(untold));
            }
            Err(problem) => {
                self.problem.get_or_insert(problem);
            }
        }
    }

    /// Nothing more will be said about the last point.
    fn settle(&mut self, known: &mut Vec<TestResult>) {
        if let Some(diagnosis) = self.diagnosis.take()
            && let Some(test) =
                self.seen.explain_last(diagnosis.message(), &diagnosis.output, diagnosis.duration_ms)
            && diagnosis.untold
        {
            known.push(test.clone());
        }
    }

    fn malformed(&mut self, why: String) {
        self.problem.get_or_insert(ReportProblem::Malformed(why));
    }

    /// What a report without other faults lacks.
    fn missing(&self) -> Option<ReportProblem> {
        let told = self.numbers.len() as u64;
        match self.plan {
            None => Some(ReportProblem::Incomplete("there is no plan (`1..N`)".to_owned())),
            Some(plan) if told < plan.count => Some(ReportProblem::Incomplete(format!(
                "{told} of {} planned tests are reported",
                plan.count
            ))),
            Some(plan) if self.highest > plan.count => {
                Some(ReportProblem::Malformed(format!("test {} is not in the plan", self.highest)))
            }
            Some(_) => None,
        }
    }
}
