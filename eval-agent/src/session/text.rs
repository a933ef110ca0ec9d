//! Bytes that come in pieces, as text: a character cut in two by a piece's end waits for its other half.

/// At most three bytes of a character can be waiting.
#[derive(Debug, Default)]
pub(super) struct TextStream {
    waiting: Vec<u8>,
}

impl TextStream {
    /// The text of this piece; what is no UTF-8 becomes the replacement character.
    pub(super) fn push(&mut self, piece: &[u8]) -> String {
        let mut bytes = std::mem::take(&mut self.waiting);
        bytes.extend_from_slice(piece);
        let whole = bytes.len() - unfinished(&bytes);
        self.waiting = bytes.split_off(whole);
        match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(not_text) => String::from_utf8_lossy(not_text.as_bytes()).into_owned(),
        }
    }
}

/// How many bytes at the end are the beginning of a character.
fn unfinished(bytes: &[u8]) -> usize {
    for (back, byte) in bytes.iter().rev().take(3).enumerate() {
        let needed = match byte {
            0x80..=0xBF => continue,
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => return 0,
        };
        return if back + 1 < needed { back + 1 } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn text_survives_being_cut_anywhere(text in ".*", cut in 1usize..9) {
            let mut stream = TextStream::default();
            let seen: String = text.as_bytes().chunks(cut).map(|piece| stream.push(piece)).collect();
            prop_assert_eq!(seen, text);
        }

        #[test]
        fn no_bytes_are_too_bad(pieces: Vec<Vec<u8>>) {
            let mut stream = TextStream::default();
            for piece in pieces {
                stream.push(&piece);
                prop_assert!(stream.waiting.len() <= 3);
            }
        }
    }
}
