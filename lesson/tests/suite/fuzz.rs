//! Fuzz targets of what authors and containers write: reports, bundles, manifests. Each may be refused; none may panic,
//! pass for what it is not, or cost more than its limit.

use std::collections::HashSet;

use fuzz_inputs::{babble, cut, hostile, hostile_text, sizes};
use ide_protocol::files::{FileRole, WorkspacePath};
use ide_protocol::limits::{MAX_MESSAGE_BYTES, MAX_RUN_OUTPUT_BYTES, MAX_TEST_TEXT_BYTES, MAX_TESTS};
use ide_protocol::results::{Ending, GradingOutcome, Outcome, TestResult, TestStatus};
use lesson::{
    Expected, LessonFile, Report, ReportError, ReportFormat, ReportReader, RunRecord, Scope, Tests, bounds,
    explain, judge, pack, sentence, test_sources, text, unpack,
};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use crate::support::{LessonDir, MANIFEST};

const TAP: &str = "TAP version 14\n1..3\nok 1 - a\nnot ok 2 - b # TODO later\n  ---\n  message: |-\n    got: 1\n  \
    duration_ms: 3.4\n  output: 'x'\n  ...\n# Subtest: c\n    ok 1 - inner\n    1..1\nok 3 - h # SKIP no time\n";
const EXERCISM: &str = r#"{"version":2,"status":"fail","message":null,"tests":[
    {"name":"a","status":"pass","output":"x"},{"name":"b","status":"fail","message":"é"},{"name":"h","status":"error"}]}"#;
const TAP_WORDS: &[&str] = &[
    "TAP version 14\n",
    "1..",
    "3",
    "0",
    "\n",
    "\r\n",
    "ok ",
    "not ok ",
    "1 - a",
    "2 - b",
    " h",
    " # SKIP",
    " # TODO x",
    "\\#",
    "  ---\n",
    "  ...\n",
    "  message: |\n",
    "  message: \"",
    "  output: >-\n",
    "  duration_ms: 1e400\n",
    "    x",
    "# Subtest: a\n",
    "# ",
    "Bail out!",
    "    ok 1 - in\n",
    "pragma +strict\n",
    "18446744073709551615 ",
    "é",
    "\u{0}",
    "\u{1b}[31m",
    "#2",
];
const JUNIT_WORDS: &[&str] = &[
    "<testsuites>",
    "</testsuites>",
    "<testcase name=\"a\">",
    "<testcase classname='c' name='b' time='1e308'/>",
    "</testcase>",
    "<testcase name='h'",
    "/>",
    ">",
    "<failure message=\"m\">",
    "</failure>",
    "<error/>",
    "<skipped/>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "&lt;",
    "&#xffff;",
    "&#0;",
    "&amp;amp;",
    "<system-out>",
    "</system-out>",
    "<!DOCTYPE x [<!ENTITY e 'ee'>",
    "]>",
    "&e;",
    "<?xml version='1.0' encoding='utf-16'?>",
    "x:name='a'",
    "\u{0}",
    "é",
    "\"",
    "'",
    "<",
    "&",
];

/// Reports of the three formats, good, spoilt and made up.
fn report() -> impl Strategy<Value = (ReportFormat, Vec<u8>)> {
    let as_format = |format| move |bytes| (format, bytes);
    let junit = [include_str!("reports/pytest.xml"), include_str!("reports/node.xml")];
    prop_oneof![
        hostile([TAP, include_str!("reports/node.tap")]).prop_map(as_format(ReportFormat::Tap)),
        babble(TAP_WORDS).prop_map(as_format(ReportFormat::Tap)),
        hostile(junit).prop_map(as_format(ReportFormat::Junit)),
        babble(JUNIT_WORDS).prop_map(as_format(ReportFormat::Junit)),
        hostile([EXERCISM]).prop_map(as_format(ReportFormat::Exercism)),
    ]
}

/// What is read in these pieces: tests told on the way, and the end of it.
fn read(format: ReportFormat, pieces: &[&[u8]]) -> (Vec<TestResult>, Result<Report, ReportError>) {
    let mut reader = ReportReader::new(format);
    let told = pieces.iter().flat_map(|piece| reader.push(piece)).collect();
    (told, reader.finish())
}

fn tests_of(read: &Result<Report, ReportError>) -> &[TestResult] {
    read.as_ref().map_or_else(|error| error.tests.as_slice(), |report| report.tests.as_slice())
}

/// The beginning of a number's worth of `#2`, `#3`… that keeps repeated ids apart.
const MAX_REPEAT_MARK_BYTES: usize = 21;

fn expects(report: ReportFormat) -> Tests {
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    let expected = Expected { visible: ids(&["a", "b"]), hidden: ids(&["h"]) };
    let manifest: lesson::Manifest = toml::from_str(MANIFEST).unwrap();
    Tests { report, expected, ..manifest.tests }
}

proptest! {
    #[test]
    fn a_report_is_the_same_however_it_is_cut((format, bytes) in report(), sizes in sizes()) {
        let (_, whole) = read(format, &[&bytes]);
        let (told, in_pieces) = read(format, &cut(&bytes, &sizes));
        prop_assert_eq!(&whole, &in_pieces);
        let tests = tests_of(&whole);
        prop_assert!(tests.len() <= MAX_TESTS);
        let ids: HashSet<&str> = tests.iter().map(|test| test.id.as_str()).collect();
        prop_assert_eq!(ids.len(), tests.len(), "ids are unique");
        for test in told {
            prop_assert!(tests.iter().any(|known| known.id == test.id && known.status == test.status));
        }
        let printable = |text: &str| !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t');
        for test in tests {
            prop_assert!(test.id.len() <= bounds::MAX_TEST_ID_BYTES + MAX_REPEAT_MARK_BYTES && printable(&test.id));
            prop_assert!(test.name.len() <= bounds::MAX_TEST_ID_BYTES && printable(&test.name));
            for text in [&test.message, &test.output].into_iter().flatten() {
                prop_assert!(text.len() <= MAX_TEST_TEXT_BYTES && printable(text));
            }
            prop_assert!(!matches!(test.status, TestStatus::Missing), "nobody reports what is missing");
        }
    }

    /// From the bytes of a report to the verdict: no report passes that does not say of each test once that it passed,
    /// and of none that it failed.
    #[test]
    fn a_verdict_is_earned_and_fits_a_message(
        (format, bytes) in report(), output in hostile_text(["hello\n", "\u{1b}[1mbold\u{1b}[0m"]), code in -1i32..3, all: bool,
    ) {
        let (_, report) = read(format, &[&bytes]);
        let scope = if all { Scope::All } else { Scope::Visible };
        let record = RunRecord {
            build: None,
            ending: Ending::Exited { code },
            report: report.clone(),
            output,
            output_dropped_bytes: u64::MAX,
            duration_ms: u64::MAX,
        };
        let tests = expects(format);
        let GradingOutcome::Verdict { verdict } = judge(&tests, scope, record) else { return Ok(()) };
        prop_assert!(serde_json::to_vec(&verdict).unwrap().len() <= MAX_MESSAGE_BYTES);
        prop_assert!(verdict.output.len() <= MAX_RUN_OUTPUT_BYTES);
        prop_assert!(!sentence(&verdict).is_empty());
        let mut explained = verdict.clone();
        explain(&mut explained, &verdict);
        prop_assert_eq!(explained.outcome, verdict.outcome);
        if verdict.outcome == Outcome::Passed {
            prop_assert!(code == 0 && report.is_ok());
            let text = String::from_utf8_lossy(&bytes).into_owned();
            for id in tests.expected.visible.iter().chain(tests.expected.hidden.iter().filter(|_| all)) {
                let told: Vec<_> = tests_of(&report).iter().filter(|test| test.id == *id).collect();
                prop_assert!(told.len() == 1 && told[0].status == TestStatus::Passed && text.contains(id.as_str()));
            }
            prop_assert!(tests_of(&report).iter().all(|test| test.status != TestStatus::Failed));
        }
    }

    #[test]
    fn text_of_a_container_is_printable_and_bounded(raw in hostile_text(["a\u{1b}[31mb\u{1b}]0;t\u{7}c\r\nd", "ü 猫"]), max in 0usize..300) {
        let plain = text::plain(&raw);
        prop_assert!(plain.len() <= 3 * raw.len());
        prop_assert!(!plain.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        prop_assert_eq!(&text::plain(&plain), &plain, "what is plain stays so");
        prop_assert!(text::clip(&raw, max).len() <= max);
        let (end, dropped) = text::tail(&raw, max);
        prop_assert!(end.len() <= max && dropped + end.len() == raw.len());
    }

    /// A manifest is a lesson's, and then it packs and unpacks as itself, or findings that stay readable.
    #[test]
    fn a_manifest_is_valid_or_explained(manifest in hostile([MANIFEST])) {
        let dir = LessonDir::valid();
        dir.write("lesson.toml", &manifest);
        match dir.load() {
            Ok(lesson) => {
                let bundle = pack(&lesson).unwrap();
                prop_assert_eq!(unpack(&bundle.bytes, &bundle.digest).unwrap(), lesson);
            }
            Err(error) => {
                prop_assert!(!error.findings.is_empty() && error.findings.len() <= 100);
                prop_assert!(error.to_string().len() <= 8 * (manifest.len() + 64 * 1024));
            }
        }
    }

    /// Whatever patterns an author writes, only paths of the workspace are asked of them, and asking takes no time.
    #[test]
    fn a_pattern_says_yes_or_no(pattern in hostile_text(["notes/*.md", "**/*.py", "a*b*c*d/**/x"]), path in "[ab/*.]{1,60}") {
        let mut lesson = LessonDir::valid().load().unwrap();
        lesson.manifest.submit.allow = vec![pattern.clone()];
        let Ok(path) = WorkspacePath::new(path) else { return Ok(()) };
        let matched = lesson.may_submit(&path);
        if !pattern.contains('*') {
            prop_assert_eq!(matched, pattern == path.as_str());
        }
    }

    /// Lines of tests are looked for in whatever an author's files hold.
    #[test]
    fn a_test_is_found_in_the_text_it_is_told_from(
        source in hostile(["def test_2000():\n    assert leap(2000)\n\n\ndef test_1900():\n    pass\n"]),
    ) {
        let mut lesson = LessonDir::valid().load().unwrap();
        let path = WorkspacePath::new("tests/test_leap.py").unwrap();
        let file = LessonFile { role: FileRole::ReadOnly, content: source.clone(), executable: false };
        lesson.files.insert(path, file);
        let sources = test_sources(&lesson);
        prop_assert_eq!(sources.len(), lesson.manifest.tests.expected.visible.len());
        for place in sources.into_iter().filter_map(|source| source.place) {
            let text = String::from_utf8(source.clone()).unwrap();
            let first = place.text.lines().next().unwrap_or_default();
            prop_assert!(text.lines().nth(place.line as usize - 1).unwrap().starts_with(first));
        }
    }
}

proptest! {
    // Each of these compresses: a quarter of the cases take as long as the others do.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(4), ..ProptestConfig::default() })]

    /// Headers with their checksum put right again, so that what is in them is believed.
    #[test]
    fn an_archive_is_a_lesson_or_refused(
        bytes in hostile([archive()]), spoilt in prop::collection::vec((any::<prop::sample::Index>(), 0usize..512, any::<u8>()), 0..4),
    ) {
        let mut archive = bytes;
        for (block, at, byte) in spoilt {
            let blocks = archive.len() / 512;
            if blocks > 0 {
                let header = &mut archive[block.index(blocks) * 512..][..512];
                header[at] = byte;
                put_checksum(header);
            }
        }
        let bundle = zstd::stream::encode_all(archive.as_slice(), 1).unwrap();
        if let Ok(lesson) = unpack(&bundle, &digest(&bundle)) {
            let packed = pack(&lesson).unwrap();
            prop_assert_eq!(unpack(&packed.bytes, &packed.digest).unwrap(), lesson);
        }
    }

    /// The compressed stream itself, spoilt.
    #[test]
    fn a_compressed_stream_is_a_lesson_or_refused(bundle in hostile([pack(&LessonDir::valid().load().unwrap()).unwrap().bytes])) {
        if let Ok(lesson) = unpack(&bundle, &digest(&bundle)) {
            prop_assert!(pack(&lesson).is_ok());
        }
    }
}

fn archive() -> Vec<u8> {
    let bundle = pack(&LessonDir::valid().load().unwrap()).unwrap();
    zstd::stream::decode_all(bundle.bytes.as_slice()).unwrap()
}

/// The sum of a tar header's bytes, with its own eight as spaces.
fn put_checksum(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A report made to fill a verdict to the brim: as many tests as there may be, each with the longest name there may be
/// in letters that JSON writes twice as long.
#[test]
fn the_fullest_verdict_fits_a_message() {
    let name = "\"".repeat(bounds::MAX_TEST_ID_BYTES - 8);
    let long = "\\\"".repeat(MAX_TEST_TEXT_BYTES);
    let tests = (0..MAX_TESTS).map(|number| TestResult {
        id: format!("{name}{number}"),
        name: format!("{name}{number}"),
        status: TestStatus::Failed,
        message: Some(long.clone()),
        output: Some(long.clone()),
        duration_ms: Some(u64::MAX),
        hidden: false,
    });
    let record = RunRecord {
        build: None,
        ending: Ending::Exited { code: 0 },
        report: Ok(Report { tests: tests.collect() }),
        output: "\"".repeat(10 * MAX_RUN_OUTPUT_BYTES),
        output_dropped_bytes: 0,
        duration_ms: 1,
    };
    let GradingOutcome::Verdict { verdict } = judge(&expects(ReportFormat::Tap), Scope::Visible, record)
    else {
        panic!("a verdict")
    };
    let bytes = serde_json::to_vec(&verdict).unwrap().len();
    assert!(bytes <= MAX_MESSAGE_BYTES, "{bytes} bytes");
}
