//! JUnit XML, as pytest, node, Maven and the rest write it (conventions: testmoapp/junitxml).
//!
//! Only `testcase` elements count, wherever they stand; the numbers in attributes are not believed. Document types are
//! passed over and no entity but XML's own five is expanded, so a report cannot grow when it is read. Control
//! characters, a missing root and unknown elements are taken as they come, because real runners write them.

use ide_protocol::limits::MAX_TEST_TEXT_BYTES;
use ide_protocol::results::{TestResult, TestStatus};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::ReportProblem;
use super::tests_seen::{RawTest, TestsSeen};

/// The report in `xml`: its tests, and what is wrong with it.
pub(super) fn read(xml: &str) -> (Vec<TestResult>, Option<ReportProblem>) {
    let mut document = Document::default();
    let problem = document.read(xml).err();
    (document.seen.into_tests(), problem)
}

#[derive(Default)]
struct Document {
    seen: TestsSeen,
    /// Elements open around the place that is read.
    depth: usize,
    /// Whether any element was there at all.
    any: bool,
    case: Option<Case>,
}

/// A `testcase` that is open.
#[derive(Default)]
struct Case {
    raw: RawTest,
    status: Option<TestStatus>,
    /// Where text belongs just now, and the depth of the element that said so.
    collecting: Option<(Collect, usize)>,
    depth: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Collect {
    Message,
    Output,
}

impl Document {
    fn read(&mut self, xml: &str) -> Result<(), ReportProblem> {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_end_names = true;
        loop {
            match reader.read_event().map_err(|why| broken(&why))? {
                Event::Start(tag) => self.open(&tag)?,
                Event::Empty(tag) => {
                    self.open(&tag)?;
                    self.close()?;
                }
                Event::End(_) => self.close()?,
                Event::Text(text) => self.text(&text),
                Event::CData(text) => self.text(&text),
                Event::GeneralRef(name) => self.text(&expanded(&format!("&{};", &*name))),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
                Event::Eof => return self.end(),
            }
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), ReportProblem> {
        self.any = true;
        self.depth += 1;
        let name = tag.local_name();
        match (&mut self.case, name.as_ref()) {
            (None, "testcase") => self.case = Some(Case::opened(tag, self.depth)),
            (Some(_), "testcase") => {
                return Err(ReportProblem::Malformed("a testcase within a testcase".to_owned()));
            }
            (Some(case), name) => case.open(name, tag, self.depth),
            (None, _) => {}
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), ReportProblem> {
        if let Some(case) = &mut self.case {
            if case.collecting.is_some_and(|(_, depth)| depth == self.depth) {
                case.collecting = None;
            }
            if case.depth == self.depth
                && let Some(case) = self.case.take()
            {
                self.seen.add(case.raw, case.status.unwrap_or(TestStatus::Passed))?;
            }
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(case) = &mut self.case
            && let Some((collect, _)) = case.collecting
        {
            case.add_text(collect, text);
        }
    }

    fn end(&self) -> Result<(), ReportProblem> {
        match (self.any, self.depth) {
            (true, 0) => Ok(()),
            (true, _) => Err(ReportProblem::Incomplete("the XML ends within an element".to_owned())),
            (false, _) => Err(ReportProblem::Malformed("there is no XML element in it".to_owned())),
        }
    }
}

impl Case {
    fn opened(tag: &BytesStart<'_>, depth: usize) -> Self {
        let name = attribute(tag, "name").unwrap_or_default();
        let id = match attribute(tag, "classname") {
            Some(class) if !class.is_empty() => format!("{class}.{name}"),
            _ => name.clone(),
        };
        let seconds = attribute(tag, "time").and_then(|time| time.trim().parse::<f64>().ok());
        let duration_ms = seconds.filter(|s| s.is_finite() && *s >= 0.0).map(|s| (s * 1000.0).round() as u64);
        Self { raw: RawTest { id, name, duration_ms, ..RawTest::default() }, depth, ..Self::default() }
    }

    fn open(&mut self, name: &str, tag: &BytesStart<'_>, depth: usize) {
        let (collect, status) = match name {
            "failure" => (Collect::Message, Some(TestStatus::Failed)),
            "error" => (Collect::Message, Some(TestStatus::Errored)),
            "skipped" => (Collect::Message, Some(TestStatus::Skipped)),
            "system-out" | "system-err" => (Collect::Output, None),
            _ => return,
        };
        self.status = worse(self.status, status);
        self.collecting = Some((collect, depth));
        if collect == Collect::Message
            && let Some(message) = attribute(tag, "message")
        {
            self.add_text(collect, &message);
            self.add_text(collect, "\n");
        }
    }

    /// Collects twice what is kept, so that trimming and cutting still know that there was more.
    fn add_text(&mut self, collect: Collect, text: &str) {
        let target = match collect {
            Collect::Message => &mut self.raw.message,
            Collect::Output => &mut self.raw.output,
        };
        if target.len() < 2 * MAX_TEST_TEXT_BYTES {
            target.push_str(text);
        }
    }
}

/// A case may carry a failure and an error (of its teardown); a skip never hides either.
fn worse(one: Option<TestStatus>, other: Option<TestStatus>) -> Option<TestStatus> {
    let rank = |status: &Option<TestStatus>| match status {
        Some(TestStatus::Errored) => 3,
        Some(TestStatus::Failed) => 2,
        Some(_) => 1,
        None => 0,
    };
    if rank(&other) > rank(&one) { other } else { one }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.html_attributes();
    let found = attributes
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(expanded(&found.value))
}

/// `text` with XML's own references expanded; unknown ones stay as they are written, forbidden characters become
/// U+FFFD later on.
fn expanded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        // Looking no further than a reference can reach keeps a megabyte of `&` cheap.
        let end = after.bytes().take(MAX_REFERENCE_BYTES).position(|byte| byte == b';');
        let name = end.and_then(|end| after.get(..end));
        match name.and_then(reference) {
            Some(c) => {
                out.push(c);
                rest = after.get(end.unwrap_or_default() + 1..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Bytes of the longest reference, `#x10FFFF`, with leading zeros and its semicolon.
const MAX_REFERENCE_BYTES: usize = 16;

fn reference(name: &str) -> Option<char> {
    let code = |digits, radix| {
        let code = u32::from_str_radix(digits, radix).ok()?;
        Some(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
    };
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match name.strip_prefix('#')?.strip_prefix(['x', 'X']) {
            Some(hex) => code(hex, 16),
            None => code(name.strip_prefix('#')?, 10),
        },
    }
}

fn broken(why: &quick_xml::Error) -> ReportProblem {
    match why {
        // An unfinished tag, comment or CDATA section: the writer was cut off.
        quick_xml::Error::Syntax(_) => ReportProblem::Incomplete(why.to_string()),
        _ => ReportProblem::Malformed(why.to_string()),
    }
}
