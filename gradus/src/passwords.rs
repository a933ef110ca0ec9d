//! Random passwords that a person can read aloud.

use rand::RngExt as _;

/// No vowels, no look-alikes: neither words nor misreadings.
const LETTERS: &[u8; 20] = b"bcdfghjkmnpqrstvwxz2";
const GROUPS: usize = 4;
const GROUP_LETTERS: usize = 4;

/// 16 letters out of 20, in groups: 69 bits.
pub fn random() -> String {
    let mut rng = rand::rng();
    let groups: Vec<String> = (0..GROUPS)
        .map(|_| {
            (0..GROUP_LETTERS)
                .filter_map(|_| LETTERS.get(rng.random_range(0..LETTERS.len())))
                .map(|&letter| char::from(letter))
                .collect()
        })
        .collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    #[test]
    fn passwords_are_long_and_differ() {
        let (one, other) = (super::random(), super::random());
        assert_eq!(one.len(), 19);
        assert_ne!(one, other);
    }
}
