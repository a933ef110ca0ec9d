//! What can go wrong with bytes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// Pieces that readers trip over: ends of strings and lines, escapes, half characters, numbers out of range, ways out.
const PIECES: &[&[u8]] = &[
    b"\0",
    b"\n",
    b"\r\n",
    b"\r",
    b"\t",
    b" ",
    b"\x1b[2J",
    b"\x1b]8;;",
    b"\x7f",
    b"\xff",
    b"\xc3",
    b"\xf0\x9f\x98",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",
    b"\"",
    b"'",
    b"`",
    b"\\",
    b"/",
    b"//",
    b"../",
    b"./",
    b"%2e%2e%2f",
    b"..\\",
    b"<",
    b">",
    b"</",
    b"<script>",
    b"javascript:",
    b"&",
    b"&#x0;",
    b"]]>",
    b"<!--",
    b"<!DOCTYPE",
    b"{",
    b"}",
    b"[",
    b"]",
    b"[[[[[[[[[[[[[[[[[[[[",
    b":",
    b",",
    b";",
    b"=",
    b"#",
    b"*",
    b"(",
    b")",
    b"-",
    b"-1",
    b"0",
    b"1",
    b"65536",
    b"4294967296",
    b"18446744073709551615",
    b"18446744073709551616",
    b"-9223372036854775808",
    b"1e999",
    b"0.1",
    b"NaN",
    b"null",
    b"true",
    b"1..",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0\0\0\0\0",
];

/// The most a piece is repeated: far beyond what is meant, and a case still takes no time.
const MAX_REPEATS: usize = 300;

/// Bytes that a spoilt input does not grow beyond by repeating.
const MAX_GROWN_BYTES: usize = 64 * 1024;

/// One thing that goes wrong, at a place that is a share of the input's length.
#[derive(Debug, Clone)]
pub(crate) enum Deed {
    Set(Index, u8),
    FlipBit(Index, u8),
    Insert(Index, &'static [u8]),
    Remove(Index, usize),
    Repeat(Index, usize, usize),
    Move(Index, Index, usize),
    End(Index),
}

pub(crate) fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let at = any::<Index>;
    let deed = prop_oneof![
        2 => (at(), any::<u8>()).prop_map(|(at, byte)| Deed::Set(at, byte)),
        2 => (at(), 0u8..8).prop_map(|(at, bit)| Deed::FlipBit(at, bit)),
        4 => (at(), proptest::sample::select(PIECES)).prop_map(|(at, piece)| Deed::Insert(at, piece)),
        2 => (at(), 1usize..20).prop_map(|(at, length)| Deed::Remove(at, length)),
        1 => (at(), 1usize..40, 2..MAX_REPEATS).prop_map(|(at, length, times)| Deed::Repeat(at, length, times)),
        1 => (at(), at(), 1usize..60).prop_map(|(from, to, length)| Deed::Move(from, to, length)),
        1 => at().prop_map(Deed::End),
    ];
    vec(deed, 0..8)
}

pub(crate) fn spoilt(mut bytes: Vec<u8>, deeds: &[Deed]) -> Vec<u8> {
    for deed in deeds {
        spoil(&mut bytes, deed);
    }
    bytes
}

fn spoil(bytes: &mut Vec<u8>, deed: &Deed) {
    // A place after the last byte is one, too.
    let place = |at: &Index, bytes: &[u8]| at.index(bytes.len() + 1);
    match deed {
        Deed::Set(at, byte) => {
            let at = place(at, bytes);
            bytes.get_mut(at).into_iter().for_each(|old| *old = *byte);
        }
        Deed::FlipBit(at, bit) => {
            let at = place(at, bytes);
            bytes.get_mut(at).into_iter().for_each(|old| *old ^= 1 << bit);
        }
        Deed::Insert(at, piece) => {
            let at = place(at, bytes);
            bytes.splice(at..at, piece.iter().copied());
        }
        Deed::Remove(at, length) => drop(taken(bytes, place(at, bytes), *length)),
        Deed::Repeat(at, length, times) => {
            let at = place(at, bytes);
            let piece: Vec<u8> = bytes.iter().skip(at).take(*length).copied().collect();
            let room = MAX_GROWN_BYTES.saturating_sub(bytes.len()) / piece.len().max(1);
            bytes.splice(at..at, piece.repeat((*times).min(room)));
        }
        Deed::Move(from, to, length) => {
            let piece = taken(bytes, place(from, bytes), *length);
            let to = place(to, bytes);
            bytes.splice(to..to, piece);
        }
        Deed::End(at) => bytes.truncate(place(at, bytes)),
    }
}

fn taken(bytes: &mut Vec<u8>, at: usize, length: usize) -> Vec<u8> {
    let end = (at + length).min(bytes.len());
    bytes.drain(at..end).collect()
}
