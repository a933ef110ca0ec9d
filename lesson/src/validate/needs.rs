//! Rules about `[needs]`.

use std::collections::HashSet;

use crate::bounds::{HOST_CHARS, MAX_HOSTS};
use crate::needs::Needs;
use crate::source::{Source, at};

/// Names that every container has already.
const TAKEN: [&str; 2] = ["localhost", "gradus"];

pub(super) fn check(source: &mut Source<'_>, needs: &Needs) {
    if needs.network.len() > MAX_HOSTS {
        let message = format!("there are more than {MAX_HOSTS} hosts: a lesson is about a few");
        source.add(at!["needs", "network", MAX_HOSTS], message);
    }
    let mut seen = HashSet::new();
    for (index, name) in needs.network.iter().enumerate() {
        let at = at!["needs", "network", index];
        if !is_host(name) {
            let message = format!(
                "a host's name must be 1 to {} lower-case letters, digits and hyphens, the first a letter",
                HOST_CHARS.end()
            );
            source.add(at, message);
        } else if TAKEN.contains(&name.as_str()) {
            source.add(at, format!("`{name}` is a name that every container has: choose another"));
        } else if !seen.insert(name) {
            source.add(at, format!("`{name}` is named twice: each host has one address"));
        }
    }
}

fn is_host(name: &str) -> bool {
    let alphabet = name.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '-'));
    alphabet
        && HOST_CHARS.contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
}
