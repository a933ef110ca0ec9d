//! Inputs for fuzz targets: arbitrary bytes, and valid inputs spoilt in a few places. Knows nothing of what is fed.
//!
//! A fuzz target is a proptest in a module (or a test binary) called `fuzz`. In `make test` each runs proptest's default
//! number of cases; `make fuzz` runs all of them for as long as one likes, and says how many executions that were.
//! Coverage-guided fuzzing (`cargo fuzz`) needs a nightly compiler, which this workspace does without: targets are
//! given inputs that are nearly right instead, so that they get past the first check.

mod json;
mod spoil;

use proptest::collection::vec;
use proptest::prelude::*;

pub use json::hostile_json;

/// Bytes that nobody meant, up to a few hundred.
pub fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..400)
}

/// Mostly one of `valid` with a few things spoilt, sometimes two of them run together, sometimes anything.
pub fn hostile<V: Into<Vec<u8>>>(valid: impl IntoIterator<Item = V>) -> impl Strategy<Value = Vec<u8>> {
    let valid: Vec<Vec<u8>> = valid.into_iter().map(Into::into).collect();
    let one = || proptest::sample::select(valid.clone());
    prop_oneof![
        1 => any_bytes(),
        8 => (one(), spoil::deeds()).prop_map(|(input, deeds)| spoil::spoilt(input, &deeds)),
        2 => (one(), one(), spoil::deeds()).prop_map(|(one, other, deeds)| spoil::spoilt([one, other].concat(), &deeds)),
    ]
}

/// The same as text: what is no UTF-8 becomes the replacement character.
pub fn hostile_text<V: Into<Vec<u8>>>(valid: impl IntoIterator<Item = V>) -> impl Strategy<Value = String> {
    hostile(valid).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

/// `words` put together at random, with anything between them now and then: for languages whose grammar is all in
/// their markers.
pub fn babble(words: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        9 => proptest::sample::select(words).prop_map(|word| word.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..6),
    ];
    vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// `bytes` cut into pieces of these sizes, over and over; an empty list leaves them whole.
pub fn cut<'b>(bytes: &'b [u8], sizes: &[usize]) -> Vec<&'b [u8]> {
    let mut rest = bytes;
    let mut pieces = Vec::new();
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = sizes.next().map_or(rest.len(), |size| (*size).clamp(1, rest.len()));
        let (piece, after) = rest.split_at(size);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

/// Sizes for [`cut`].
pub fn sizes() -> impl Strategy<Value = Vec<usize>> {
    vec(1usize..50, 0..6)
}
