//! Watching: what programs did is told, what the agent did is not.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use ide_protocol::guest::{FromGuest, ToGuest};

use super::harness::{Guest, Seen};

/// What was told so far: paths and whether they are gone; `None` stands for "list all".
type Told = BTreeMap<Option<String>, bool>;

fn watched(arguments: &[&str]) -> Guest {
    let mut guest = Guest::start_with(arguments);
    guest.sh("mkdir old; echo x > old/file; echo x > file");
    guest.ask(|request| ToGuest::WatchWorkspace { request }).unwrap();
    guest
}

/// Takes all that is told until now: makes a mark and waits until that is told, for events come in order and the
/// mark's name sorts last in its batch. "List all" may have swallowed the mark; then another is made.
fn told(guest: &mut Guest) -> Told {
    static MARKS: AtomicU32 = AtomicU32::new(0);
    let mut told = Told::new();
    loop {
        let mark = format!("~mark{}", MARKS.fetch_add(1, Ordering::Relaxed));
        guest.sh(&format!("echo x > '{mark}'"));
        loop {
            match guest.wait_for("change", change) {
                (Some(path), _) if path == mark => return told,
                (Some(path), _) if path.starts_with("~mark") => {}
                (Some(path), removed) => {
                    told.insert(Some(path), removed);
                }
                (None, removed) => {
                    told.insert(None, removed);
                    break;
                }
            }
        }
    }
}

fn change(seen: &Seen) -> Option<(Option<String>, bool)> {
    match seen {
        Seen::Said(FromGuest::FileChanged { path, removed }) => Some((Some(path.to_string()), *removed)),
        Seen::Said(FromGuest::ChangesLost) => Some((None, false)),
        _ => None,
    }
}

fn paths(list: &[(&str, bool)]) -> Told {
    list.iter().map(|&(path, removed)| (Some(path.to_owned()), removed)).collect()
}

#[test]
fn what_programs_do_is_told() {
    let mut guest = watched(&[]);
    assert_eq!(told(&mut guest), Told::new(), "what was there before is no change");
    let rows: [(&str, &[(&str, bool)]); 9] = [
        ("echo a > a", &[("a", false)]),
        ("echo b >> a; chmod +x a", &[("a", false)]),
        ("mv a b", &[("a", true), ("b", false)]),
        ("rm b", &[("b", true)]),
        ("mkdir -p x/y/z; echo 1 > x/y/z/f; echo 2 > x/g", &[("x/g", false), ("x/y/z/f", false)]),
        ("echo 3 > x/y/z/f", &[("x/y/z/f", false)]),
        ("mv x/g ..", &[("x/g", true)]),
        ("rm file; ln -s /etc/passwd file", &[("file", true)]),
        ("rm -rf x old", &[("x/y/z/f", true), ("old/file", true)]),
    ];
    for (script, expected) in rows {
        guest.sh(script);
        assert_eq!(told(&mut guest), paths(expected), "{script}");
    }
}

#[test]
fn what_the_agent_does_is_not_told_but_what_follows_is() {
    let mut guest = watched(&[]);
    guest.write("file", "again").unwrap();
    guest.write("new/deep/one", "x").unwrap();
    guest.create_folder("made/by/us").unwrap();
    guest.rename("new", "renamed").unwrap();
    guest.rename("file", "sub/file").unwrap();
    guest.write("gone/a/b", "x").unwrap();
    guest.delete("gone").unwrap();
    guest.delete("sub/file").unwrap();
    assert_eq!(told(&mut guest), Told::new());
    guest.sh("echo x > renamed/deep/one; echo x > made/by/us/f; echo x > file");
    let expected = [("renamed/deep/one", false), ("made/by/us/f", false), ("file", false)];
    assert_eq!(told(&mut guest), paths(&expected));
}

#[test]
fn a_folder_that_moves_is_listed_anew() {
    let mut guest = watched(&[]);
    guest.sh("mv old away");
    let moved = told(&mut guest);
    assert!(moved.contains_key(&None), "{moved:?}");
    guest.sh("echo y > away/file");
    assert_eq!(told(&mut guest), paths(&[("away/file", false)]));
}

#[test]
fn ignored_names_are_not_told() {
    let mut guest = watched(&["--ignore", "__pycache__", "--ignore", "*.swp"]);
    guest.sh("mkdir -p d/__pycache__; echo x > d/__pycache__/a.pyc; echo x > .a.swp; echo x > .gradus-tmp-1; touch d/b");
    assert_eq!(told(&mut guest), paths(&[("d/b", false)]));
}

#[test]
fn too_many_changes_become_one_word_and_watching_goes_on() {
    let mut guest = watched(&[]);
    guest.sh("for i in $(seq 1 3000); do : > f$i; done");
    let flood = told(&mut guest);
    assert!(flood.contains_key(&None), "{} changes", flood.len());
    guest.sh("echo x > after");
    assert_eq!(told(&mut guest), paths(&[("after", false)]));
}

#[test]
fn a_workspace_removed_and_made_again_is_watched_again() {
    let mut guest = watched(&[]);
    guest.sh("cd ..; rm -rf work; mkdir work; echo x > work/early");
    assert!(told(&mut guest).contains_key(&None));
    guest.sh("echo x > late");
    assert_eq!(told(&mut guest), paths(&[("late", false)]));
    // Removed by a program, made by the agent.
    guest.sh("cd ..; rm -rf work");
    guest.write("ours", "x").unwrap();
    assert!(told(&mut guest).contains_key(&None));
    guest.sh("echo x > theirs");
    assert_eq!(told(&mut guest), paths(&[("theirs", false)]));
}
