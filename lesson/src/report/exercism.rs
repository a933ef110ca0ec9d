//! Exercism's `results.json`, versions 1 to 3 (exercism/docs, building/tooling/test-runners/interface.md).
//!
//! Its overall status is believed only where it is bad news: a report whose tests all pass but which says `fail` gets
//! one more test that failed. It is read test by test, so that one which breaks off keeps those before the break.

use ide_protocol::results::{TestResult, TestStatus};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::ReportProblem;
use super::tests_seen::{RawTest, TestsSeen};

/// Id of the one test that stands for the whole, where a report names none or its status is worse than its tests.
const WHOLE: &str = "tests";

#[derive(Deserialize)]
struct Test {
    name: String,
    status: Status,
    #[serde(default)]
    message: Option<String>,
    #[serde(default)]
    output: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Status {
    Pass,
    Fail,
    Error,
}

impl From<Status> for TestStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Pass => Self::Passed,
            Status::Fail => Self::Failed,
            Status::Error => Self::Errored,
        }
    }
}

/// Versions whose shape is known.
const VERSIONS: std::ops::RangeInclusive<u32> = 1..=3;

pub(super) fn read(bytes: &[u8]) -> (Vec<TestResult>, Option<ReportProblem>) {
    let mut told = Told::default();
    let problem = told.read(bytes).err();
    (told.seen.into_tests(), problem)
}

/// What the document has told so far.
#[derive(Default)]
struct Told {
    seen: TestsSeen,
    /// Why the reading was given up, when it was not the JSON's fault.
    refused: Option<ReportProblem>,
    version: Option<u32>,
    status: Option<Status>,
    message: Option<String>,
    /// Whether the tests were named, and whether one of them did not pass.
    named: bool,
    worst_told: bool,
}

impl Told {
    fn read(&mut self, bytes: &[u8]) -> Result<(), ReportProblem> {
        let mut json = serde_json::Deserializer::from_slice(bytes);
        let whole = (&mut json).deserialize_map(Document(self)).and_then(|()| json.end());
        if let Some(refused) = self.refused.take() {
            return Err(refused);
        }
        whole.map_err(|why| match why.classify() {
            serde_json::error::Category::Eof => ReportProblem::Incomplete("the JSON ends early".to_owned()),
            _ => ReportProblem::Malformed(why.to_string()),
        })?;
        let version = self.version.ok_or_else(|| missing("version"))?;
        let status = self.status.ok_or_else(|| missing("status"))?;
        if !VERSIONS.contains(&version) {
            return Err(ReportProblem::Malformed(format!("version {version} is unknown")));
        }
        // Version 1 may do without tests; the later ones name none only when the program could not be tested at all.
        let nothing_told = self.seen.len() == 0 && (version == 1 || status != Status::Pass);
        if nothing_told || (status != Status::Pass && !self.worst_told) {
            let message = self.message.take().unwrap_or_default();
            let (id, name) = (WHOLE.to_owned(), "All tests".to_owned());
            self.seen.add(RawTest { id, name, message, ..RawTest::default() }, status.into())?;
        }
        Ok(())
    }

    fn add(&mut self, test: Test) -> Result<(), ReportProblem> {
        self.worst_told |= test.status != Status::Pass;
        let raw = RawTest {
            id: test.name.clone(),
            name: test.name,
            message: test.message.unwrap_or_default(),
            output: test.output.unwrap_or_default(),
            duration_ms: None,
        };
        self.seen.add(raw, test.status.into()).map(drop)
    }
}

fn missing(key: &str) -> ReportProblem {
    ReportProblem::Malformed(format!("it has no `{key}`"))
}

struct Document<'a>(&'a mut Told);

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, words: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        words.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "version" if self.0.version.is_none() => self.0.version = Some(map.next_value()?),
                "status" if self.0.status.is_none() => self.0.status = Some(map.next_value()?),
                "message" => self.0.message = map.next_value()?,
                "tests" if !self.0.named => map.next_value_seed(Tests(self.0))?,
                "version" | "status" | "tests" => return Err(A::Error::custom(format!("two of `{key}`"))),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct Tests<'a>(&'a mut Told);

impl<'de> DeserializeSeed<'de> for Tests<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        self.0.named = true;
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tests<'_> {
    type Value = ();

    fn expecting(&self, words: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        words.write_str("a list of tests or null")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(test) = list.next_element::<Test>()? {
            if let Err(refused) = self.0.add(test) {
                let why = A::Error::custom(&refused);
                self.0.refused = Some(refused);
                return Err(why);
            }
        }
        Ok(())
    }
}
