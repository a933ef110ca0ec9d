//! Files: saves into the container, changes out of it, and what happens when both meet.

use ide_protocol::files::{EntryKind, FileChange, FileContent, FileEntry, Revision};
use ide_protocol::guest::{FromGuest, GuestError, RequestId, ToGuest};
use ide_protocol::session::{AgentToRelay, RelayToAgent, SessionMessage};

use super::world::*;
use crate::session::logic::{Command, Event};

fn saved(name: &str, revision: Revision, content: &str) -> RelayToAgent {
    RelayToAgent::FileSaved { path: path(name), revision, content: text(content), executable: false }
}

fn changed(name: &str) -> FromGuest {
    FromGuest::FileChanged { path: path(name), removed: false }
}

fn told(name: &str, base_revision: Revision, content: &str) -> Command {
    let change = FileChange::Written { content: text(content), executable: false };
    Command::Say(AgentToRelay::WorkspaceChanged { path: path(name), base_revision, change })
}

fn told_removed(name: &str, base_revision: Revision) -> Command {
    let change = FileChange::Removed;
    Command::Say(AgentToRelay::WorkspaceChanged { path: path(name), base_revision, change })
}

/// The one write among the commands: its request, and what is written.
fn write(commands: &[Command]) -> (RequestId, &FileContent) {
    match commands {
        [Command::Ask(ToGuest::WriteFile { request, content, .. })] => (*request, content),
        other => panic!("no write: {other:?}"),
    }
}

/// The one read among the commands.
fn read(commands: &[Command]) -> RequestId {
    match commands {
        [Command::Ask(ToGuest::ReadFile { request, .. })] => *request,
        other => panic!("no read: {other:?}"),
    }
}

fn content(request: RequestId, content: &str) -> FromGuest {
    FromGuest::FileRead { request, content: text(content), executable: false }
}

fn done(request: RequestId) -> FromGuest {
    FromGuest::Done { request }
}

fn stored(name: &str, revision: Revision) -> RelayToAgent {
    RelayToAgent::ChangeStored { path: path(name), revision }
}

#[test]
fn a_save_is_written_and_is_the_base_of_the_next_change() {
    let mut world = World::joined();
    let writing = world.relay(saved("notes.txt", 2, "saved"));
    let (request, written) = write(&writing);
    assert_eq!(*written, text("saved"));
    assert_eq!(world.guest(done(request)), []);
    let request = read(&world.guest(changed("notes.txt")));
    assert_eq!(world.guest(content(request, "by a program")), [told("notes.txt", 2, "by a program")]);
}

#[test]
fn saves_while_one_is_written_leave_only_the_newest_to_write() {
    let mut world = World::joined();
    let first = world.relay(saved("notes.txt", 2, "two"));
    assert_eq!(world.relay(saved("notes.txt", 3, "three")), []);
    assert_eq!(world.relay(saved("notes.txt", 4, "four")), []);
    let second = world.guest(done(write(&first).0));
    assert_eq!(*write(&second).1, text("four"));
}

#[test]
fn a_save_that_is_told_again_is_not_written_again() {
    let mut world = World::joined();
    assert_eq!(world.relay(saved("notes.txt", 1, "yours\n")), [], "laid out at the start");
    let writing = world.relay(saved("notes.txt", 2, "saved"));
    world.guest(done(write(&writing).0));
    assert_eq!(world.relay(saved("notes.txt", 2, "saved")), []);
}

#[test]
fn an_echo_of_what_both_sides_have_is_not_a_change() {
    let mut world = World::joined();
    let request = read(&world.guest(changed("notes.txt")));
    assert_eq!(world.guest(content(request, "yours\n")), []);
}

#[test]
fn changes_of_one_path_are_told_one_after_another() {
    let mut world = World::joined();
    let request = read(&world.guest(changed("notes.txt")));
    assert_eq!(world.guest(content(request, "a")), [told("notes.txt", 1, "a")]);
    assert_eq!(world.guest(changed("notes.txt")), [], "the API has not answered yet");
    let request = read(&world.relay(stored("notes.txt", 2)));
    assert_eq!(world.guest(content(request, "b")), [told("notes.txt", 2, "b")]);
}

#[test]
fn a_file_that_is_gone_is_told_as_removed_and_one_that_never_was_is_not_told() {
    let mut world = World::joined();
    for (name, told) in [("notes.txt", vec![told_removed("notes.txt", 1)]), ("tmp", vec![])] {
        let request = read(&world.guest(changed(name)));
        let gone = FromGuest::RequestFailed { request, error: GuestError::NotFound };
        assert_eq!(world.guest(gone), told);
    }
}

#[test]
fn a_save_that_meets_a_change_waits_until_the_change_is_told_and_both_are_kept() {
    let mut world = World::joined();
    let request = read(&world.guest(changed("notes.txt")));
    // The browser saves while the container's version is being read.
    assert_eq!(world.relay(saved("notes.txt", 2, "browser")), []);
    assert_eq!(world.guest(content(request, "program")), [told("notes.txt", 1, "program")]);
    let writing = world.relay(conflicted("notes.txt", "notes.container.txt"));
    assert_eq!(*write(&writing).1, text("browser"));
    assert_eq!(world.guest(done(write(&writing).0)), []);
    // Both come as saves.
    assert_eq!(world.relay(saved("notes.txt", 2, "browser")), [], "it is there already");
    let writing = world.relay(saved("notes.container.txt", 1, "program"));
    assert_eq!(*write(&writing).1, text("program"));
}

fn conflicted(name: &str, kept_as: &str) -> RelayToAgent {
    RelayToAgent::ChangeConflicted { path: path(name), kept_as: path(kept_as) }
}

#[test]
fn what_a_program_writes_during_a_conflict_is_told_before_the_save_is_written() {
    for again in [Some("once more"), None] {
        let mut world = World::joined();
        let request = read(&world.guest(changed("notes.txt")));
        assert_eq!(world.guest(content(request, "program")), [told("notes.txt", 1, "program")]);
        assert_eq!(world.guest(changed("notes.txt")), [], "the API has not answered yet");
        let request = read(&world.relay(conflicted("notes.txt", "notes.container.txt")));
        assert_eq!(
            world.relay(saved("notes.txt", 2, "browser")),
            [],
            "it would overwrite what is being read"
        );
        let writing = match again {
            Some(new) => {
                assert_eq!(world.guest(content(request, new)), [told("notes.txt", 1, new)]);
                world.relay(conflicted("notes.txt", "notes.container-2.txt"))
            }
            // Only the echo of what was told.
            None => world.guest(content(request, "program")),
        };
        assert_eq!(*write(&writing).1, text("browser"));
    }
}

#[test]
fn a_save_that_is_refused_is_said_again_after_one_that_was_not() {
    let mut world = World::joined();
    let full = |request| FromGuest::RequestFailed { request, error: GuestError::DiskFull };
    let mut said = Vec::new();
    for (revision, fits) in [(2, false), (3, false), (4, true), (5, false)] {
        let request = write(&world.relay(saved("notes.txt", revision, "x"))).0;
        said.push(world.guest(if fits { done(request) } else { full(request) }).len());
    }
    assert_eq!(said, [1, 0, 0, 1]);
}

#[test]
fn a_save_that_the_stored_change_came_after_is_not_written_over_it() {
    let mut world = World::joined();
    let request = read(&world.guest(changed("notes.txt")));
    world.relay(saved("notes.txt", 2, "older"));
    world.guest(content(request, "newer"));
    assert_eq!(world.relay(stored("notes.txt", 3)), []);
}

#[test]
fn what_is_refused_is_said_once_until_it_is_stored() {
    let mut world = World::joined();
    let refusal = || RelayToAgent::ChangeRefused { path: path("big"), reason: "too many files.".to_owned() };
    let message = "big is not saved: too many files.".to_owned();
    for expected in [vec![to_all(SessionMessage::RequestRefused { message })], vec![]] {
        let request = read(&world.guest(changed("big")));
        world.guest(content(request, "x"));
        assert_eq!(world.relay(refusal()), expected);
    }
}

#[test]
fn what_cannot_be_read_or_written_is_said() {
    let mut world = World::joined();
    let request = read(&world.guest(changed("huge")));
    let message = "huge is not saved: the file is over the size limit.".to_owned();
    assert_eq!(
        world.guest(FromGuest::RequestFailed { request, error: GuestError::TooBig }),
        [to_all(SessionMessage::RequestRefused { message })]
    );
    let writing = world.relay(saved("notes.txt", 2, "x"));
    let request = write(&writing).0;
    let message = "notes.txt could not be written in the container: the container's disk is full.".to_owned();
    assert_eq!(
        world.guest(FromGuest::RequestFailed { request, error: GuestError::DiskFull }),
        [to_all(SessionMessage::RequestRefused { message })]
    );
    // The container's copy is still the old one.
    let request = read(&world.guest(changed("notes.txt")));
    assert_eq!(world.guest(content(request, "y")), [told("notes.txt", 1, "y")]);
}

#[test]
fn without_relay_nothing_is_read_and_afterwards_everything_is_told_anew() {
    let mut world = World::joined();
    let request = read(&world.guest(changed("notes.txt")));
    assert_eq!(world.guest(content(request, "a")), [told("notes.txt", 1, "a")]);
    world.happens(Event::RelayDown);
    assert_eq!(world.guest(changed("other")), []);
    let back = world.happens(Event::RelayUp);
    let reads: Vec<_> = back
        .iter()
        .filter_map(|command| match command {
            Command::Ask(ToGuest::ReadFile { request, path }) => Some((*request, path.as_str())),
            _ => None,
        })
        .collect();
    assert_eq!(reads.iter().map(|(_, path)| *path).collect::<Vec<_>>(), ["notes.txt", "other"]);
    assert_eq!(world.guest(content(reads[0].0, "a")), [told("notes.txt", 1, "a")]);
}

#[test]
fn what_is_read_while_the_relay_is_away_is_told_when_it_is_back() {
    let mut world = World::joined();
    let request = read(&world.guest(changed("notes.txt")));
    world.happens(Event::RelayDown);
    assert_eq!(world.guest(content(request, "program")), []);
    let back = world.happens(Event::RelayUp);
    let request = read(&back[back.len() - 1..]);
    assert_eq!(world.guest(content(request, "program")), [told("notes.txt", 1, "program")]);
    // And a browser's save is not held for ever.
    assert_eq!(world.relay(stored("notes.txt", 2)), []);
    assert_eq!(*write(&world.relay(saved("notes.txt", 3, "browser"))).1, text("browser"));
}

#[test]
fn when_too_much_changed_everything_is_looked_at() {
    let mut world = World::joined();
    let listing = world.guest(FromGuest::ChangesLost);
    let [Command::Ask(ToGuest::ListFiles { request })] = listing.as_slice() else { panic!("{listing:?}") };
    let entry = |name: &str, kind| FileEntry { path: path(name), kind, size: 1, executable: false };
    let entries = vec![
        entry("src", EntryKind::Folder),
        entry("src/new", EntryKind::File),
        entry("link", EntryKind::Other),
    ];
    let looking = world.guest(FromGuest::FilesListed { request: *request, entries, omitted: 0 });
    let paths: Vec<_> = looking
        .iter()
        .map(|command| match command {
            Command::Ask(ToGuest::ReadFile { path, .. }) => path.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(paths, ["notes.txt", "src/new"], "what should be there, and what is");
}

#[test]
fn only_a_few_files_are_under_way_at_once() {
    let mut world = World::joined();
    let mut reads = Vec::new();
    for number in 0..100 {
        reads.extend(world.guest(changed(&format!("file-{number:03}"))));
    }
    let mut read_so_far = reads.len();
    assert_eq!(read_so_far, 4);
    while let Some(Command::Ask(ToGuest::ReadFile { request, path })) = reads.pop() {
        let answer = world.guest(content(request, "x"));
        assert_eq!(answer, [told(path.as_str(), 0, "x")]);
        let next = world.relay(stored(path.as_str(), 1));
        read_so_far += next.len();
        reads.extend(next);
    }
    assert_eq!(read_so_far, 100);
}

#[test]
fn a_removal_in_the_browser_is_a_removal_in_the_container() {
    let mut world = World::joined();
    let removal = world.relay(RelayToAgent::FileRemoved { path: path("notes.txt"), revision: 2 });
    let [Command::Ask(ToGuest::Delete { request, path: gone })] = removal.as_slice() else {
        panic!("{removal:?}")
    };
    assert_eq!(gone.as_str(), "notes.txt");
    world.guest(done(*request));
    let request = read(&world.guest(changed("notes.txt")));
    assert_eq!(world.guest(content(request, "again")), [told("notes.txt", 2, "again")]);
}
