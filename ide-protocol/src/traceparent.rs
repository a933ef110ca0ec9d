//! Which click something belongs to: a `traceparent` of W3C Trace Context, which goes with a request, its job's message and all
//! that is asked on its behalf. Anybody may send one; it names, and allows nothing.

/// Bytes of one of version 00: `00-<trace id>-<span id>-<flags>`.
pub const TRACEPARENT_BYTES: usize = 55;

/// The header that carries it.
pub const TRACEPARENT: &str = "traceparent";

/// The trace id in it, 32 lower-case hexadecimal digits; `None` when it is none of version 00.
#[must_use]
pub fn trace_id(traceparent: &str) -> Option<&str> {
    if traceparent.len() != TRACEPARENT_BYTES {
        return None;
    }
    let mut parts = traceparent.split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex =
        |text: &str, len| text.len() == len && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let is_id = |text: &str, len| is_hex(text, len) && text.bytes().any(|b| b != b'0');
    let well =
        version == "00" && is_id(trace, 32) && is_id(span, 16) && is_hex(flags, 2) && parts.next().is_none();
    well.then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_traceparent() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        let rows = [
            (format!("00-{trace}-00f067aa0ba902b7-01"), Some(trace)),
            (format!("00-{trace}-00f067aa0ba902b7-00"), Some(trace)),
            (format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)), None),
            (format!("00-{trace}-{}-01", "0".repeat(16)), None),
            (format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()), None),
            (format!("01-{trace}-00f067aa0ba902b7-01"), None),
            (format!("00-{trace}-00f067aa0ba902b7-01-x"), None),
            (format!("00-{trace}-00f067aa0ba902b7-0\n"), None),
            (format!("00_{trace}_00f067aa0ba902b7_01"), None),
            ("ß".repeat(27) + "x", None),
            (String::new(), None),
        ];
        for (text, expected) in rows {
            assert_eq!(trace_id(&text), expected, "{text}");
        }
    }
}
