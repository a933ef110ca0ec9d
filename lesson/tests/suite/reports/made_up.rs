//! Reports that nobody's test runner writes.

use ide_protocol::results::TestResult;
use lesson::ReportFormat::{Exercism, Junit, Tap};
use lesson::ReportReader;
use proptest::prelude::*;

use super::read;

/// Bytes with a good chance to look like one of the formats.
fn report_like() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "<testsuites>",
        "</testsuites>",
        "<testcase name=\"a\">",
        "<testcase classname='c' name='b'/>",
        "</testcase>",
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
        "<system-out>",
        "</system-out>",
        "<!DOCTYPE x [",
        "1..",
        "3",
        "\n",
        "ok ",
        "not ok ",
        "1 - a",
        " # SKIP",
        "\\#",
        "  ---\n",
        "  ...\n",
        "    ",
        "Bail out!",
        "TAP version 14\n",
        "{\"version\":3,",
        "\"status\":\"pass\"",
        "\"tests\":[",
        "]",
        "}",
        "\u{0}",
        "é",
        "\"",
        "'",
        "<",
        ">",
        "&",
    ]);
    let piece = prop_oneof![9 => pieces.prop_map(|text| text.as_bytes().to_vec()), 1 => any::<Vec<u8>>()];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_bytes_in_any_pieces_read_the_same(bytes in report_like(), size in 1usize..40) {
        for format in [Junit, Tap, Exercism] {
            let whole = read(format, &bytes);
            let mut reader = ReportReader::new(format);
            let told: Vec<TestResult> = bytes.chunks(size).flat_map(|piece| reader.push(piece)).collect();
            let pieces = reader.finish();
            prop_assert_eq!(&whole, &pieces);
            let tests = pieces.map(|report| report.tests).unwrap_or_else(|error| error.tests);
            let ids: std::collections::HashSet<_> = tests.iter().map(|test| &test.id).collect();
            prop_assert_eq!(ids.len(), tests.len(), "ids are unique");
            for test in told {
                prop_assert!(tests.iter().any(|known| known.id == test.id && known.status == test.status));
            }
        }
    }
}
