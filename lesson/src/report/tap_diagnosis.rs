//! What follows a TAP point: comments, and a YAML block of which `message`, `output` and `duration_ms` are understood
//! (block scalars and plain or quoted ones). A block without a `message` is its own message, as written.

use ide_protocol::limits::MAX_TEST_TEXT_BYTES;

/// Lines about the point just read. A point that did not pass is told of only once they are complete.
#[derive(Debug, Default)]
pub(super) struct Diagnosis {
    /// Whether the reader has yet to return this point.
    pub(super) untold: bool,
    pub(super) output: String,
    pub(super) duration_ms: Option<u64>,
    message: String,
    /// Comments, and what the block says under other names.
    rest: String,
    in_yaml: bool,
    scalar: Option<BlockScalar>,
}

/// A value that goes on over the lines that are indented below its key.
#[derive(Debug, Clone, Copy)]
struct BlockScalar {
    field: Field,
    /// Of its first line; 0 until that is read.
    indentation: usize,
}

#[derive(Debug, Clone, Copy)]
enum Field {
    Message,
    Output,
}

impl Diagnosis {
    pub(super) fn new(untold: bool) -> Self {
        Self { untold, ..Self::default() }
    }

    /// Why the point did not pass; nothing for one that did.
    pub(super) fn message(&self) -> &str {
        match self.untold {
            true if self.message.is_empty() => &self.rest,
            true => &self.message,
            false => "",
        }
    }

    pub(super) fn comment(&mut self, text: &str) {
        add(&mut self.rest, text);
    }

    /// Takes a line that belongs to a YAML block (two spaces in, between `---` and `...`); says whether it did.
    pub(super) fn takes(&mut self, line: &str) -> bool {
        if !self.in_yaml {
            self.in_yaml = line == "  ---";
            return self.in_yaml;
        }
        match line.strip_prefix("  ") {
            Some("...") => self.in_yaml = false,
            Some(content) => self.yaml(content),
            None if line.is_empty() => self.yaml(""),
            None => {
                // Never closed: the line speaks for itself.
                self.in_yaml = false;
                return false;
            }
        }
        true
    }

    fn yaml(&mut self, content: &str) {
        let indentation = content.len() - content.trim_start_matches(' ').len();
        if let Some(scalar) = &mut self.scalar
            && (indentation > 0 || content.is_empty())
        {
            if scalar.indentation == 0 {
                scalar.indentation = indentation;
            }
            let field = scalar.field;
            let text = content.get(scalar.indentation.min(indentation)..).unwrap_or_default();
            return add(self.text_of(field), text);
        }
        self.scalar = None;
        match content.split_once(':') {
            Some(("duration_ms", value)) => self.duration_ms = milliseconds(value),
            Some(("message", value)) => self.value(Field::Message, value.trim()),
            Some(("output", value)) => self.value(Field::Output, value.trim()),
            _ => add(&mut self.rest, content),
        }
    }

    fn value(&mut self, field: Field, value: &str) {
        if value.starts_with(['|', '>']) {
            self.scalar = Some(BlockScalar { field, indentation: 0 });
        } else {
            add(self.text_of(field), unquoted(value));
        }
    }

    fn text_of(&mut self, field: Field) -> &mut String {
        match field {
            Field::Message => &mut self.message,
            Field::Output => &mut self.output,
        }
    }
}

/// Collects twice what is kept, so that trimming and cutting still know that there was more.
fn add(text: &mut String, line: &str) {
    if text.len() < 2 * MAX_TEST_TEXT_BYTES {
        text.push_str(line);
        text.push('\n');
    }
}

fn unquoted(value: &str) -> &str {
    let within = |quote| value.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(value)
}

fn milliseconds(text: &str) -> Option<u64> {
    let duration: f64 = text.trim().parse().ok()?;
    (duration.is_finite() && duration >= 0.0).then_some(duration.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::Diagnosis;

    fn read(block: &str) -> (String, String, Option<u64>) {
        let mut diagnosis = Diagnosis::new(true);
        for line in block.lines() {
            assert!(diagnosis.takes(line), "{line:?} is not taken");
        }
        (diagnosis.message().to_owned(), diagnosis.output, diagnosis.duration_ms)
    }

    #[test]
    fn a_block_is_read_as_its_writers_mean_it() {
        let rows = [
            (
                "  ---\n  message: |-\n    got: 1\n      deep\n\n    end\n  ...",
                ("got: 1\n  deep\n\nend\n", "", None),
            ),
            ("  ---\n  duration_ms: 3.4\n  message: \"no\"\n  ...", ("no\n", "", Some(3))),
            ("  ---\n  output: |\n    hi\n  message: 'no'\n  ...", ("no\n", "hi\n", None)),
            ("  ---\n  message: no\n  at: file.c:3\n  ...", ("no\n", "", None)),
            ("  ---\n  error: e\n  stack: |-\n    at x\n  ...", ("error: e\nstack: |-\n  at x\n", "", None)),
            ("  ---\n  free text\n  ...", ("free text\n", "", None)),
            ("  ---\n  message: |-\n  ...", ("", "", None)),
        ];
        for (block, (message, output, duration_ms)) in rows {
            assert_eq!(read(block), (message.to_owned(), output.to_owned(), duration_ms), "{block}");
        }
    }

    #[test]
    fn a_test_that_passed_has_no_message() {
        let mut diagnosis = Diagnosis::new(false);
        for line in ["  ---", "  message: x", "  output: printed", "  ..."] {
            assert!(diagnosis.takes(line));
        }
        assert_eq!((diagnosis.message(), diagnosis.output.as_str()), ("", "printed\n"));
    }
}
