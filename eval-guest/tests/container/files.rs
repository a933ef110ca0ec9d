//! Files: what the agent asks for happens in the workspace, or not at all.

use ide_protocol::files::{Base64Bytes, EntryKind, FileContent};
use ide_protocol::guest::{FromGuest, GuestError, ToGuest};
use ide_protocol::limits::{MAX_FILE_BYTES, MAX_LISTING_ENTRIES};
use std::time::{Duration, Instant};

use super::harness::{Guest, path};

#[test]
fn files_are_written_read_renamed_and_deleted() {
    let mut guest = Guest::start();
    guest.write("src/deep/main.py", "print(1)\n").unwrap();
    assert_eq!(guest.sh("cat src/deep/main.py; stat -c '%a %u' src/deep/main.py src/deep"), {
        let uid = guest.learner_uid;
        format!("print(1)\n644 {uid}\n755 {uid}\n")
    });
    assert_eq!(guest.read("src/deep/main.py").as_deref(), Ok("print(1)\n"));
    guest.rename("src/deep", "lib/old").unwrap();
    assert_eq!(guest.read("lib/old/main.py").as_deref(), Ok("print(1)\n"));
    guest.create_folder("empty").unwrap();
    guest.create_folder("empty").unwrap();
    assert_eq!(guest.list().0, ["empty", "lib", "lib/old", "lib/old/main.py", "src"]);
    for name in ["lib", "src", "empty", "empty", "never/was/there"] {
        guest.delete(name).unwrap();
    }
    assert_eq!(guest.list(), (vec![], 0));
}

#[test]
fn a_file_keeps_every_byte_and_its_executable_bit() {
    let mut guest = Guest::start();
    let bytes: Vec<u8> = (0..MAX_FILE_BYTES).map(|at| (at % 251) as u8).collect();
    let content = FileContent::Base64(Base64Bytes(bytes.clone()));
    guest
        .ask(|request| ToGuest::WriteFile { request, path: path("tool"), content, executable: true })
        .unwrap();
    assert_eq!(guest.sh("stat -c '%a %s' tool"), format!("755 {MAX_FILE_BYTES}\n"));
    match guest.ask(|request| ToGuest::ReadFile { request, path: path("tool") }) {
        Ok(FromGuest::FileRead { content, executable, .. }) => {
            assert!(executable);
            assert!(content.into_bytes() == bytes);
        }
        other => panic!("{other:?}"),
    }
    guest.write("tool", "text").unwrap();
    assert_eq!(guest.sh("stat -c %a tool"), "644\n");
    // Zero bytes are valid UTF-8; as JSON text they would be too long for a message.
    guest.sh(&format!("head -c {MAX_FILE_BYTES} /dev/zero > zeros"));
    assert_eq!(guest.read("zeros").map(|text| text.len()), Ok(MAX_FILE_BYTES));
}

#[test]
fn large_files_pass_through_and_do_not_stay_in_memory() {
    let mut guest = Guest::start();
    guest.write("small", "x").unwrap();
    let before = guest.place.resident_kib();
    let large = "x".repeat(MAX_FILE_BYTES);
    for number in 0..20 {
        let name = format!("large{}", number % 4);
        guest.write(&name, &large).unwrap();
        assert!(guest.read(&name).as_deref() == Ok(&large));
    }
    // One more turn, so that the last answer has left for good.
    guest.read("small").unwrap();
    let grown = guest.place.resident_kib().saturating_sub(before);
    assert!(grown < 2 * 1024, "{grown} KiB more than before");
}

#[test]
fn each_refusal_says_why() {
    let mut guest = Guest::start();
    guest.write("file", "x").unwrap();
    guest.create_folder("folder").unwrap();
    guest.sh(&format!(
        "head -c {} /dev/zero > big; truncate -s 1G huge; echo x > secret; chmod 0 secret",
        MAX_FILE_BYTES + 1
    ));
    assert_eq!(guest.read("missing"), Err(GuestError::NotFound));
    assert_eq!(guest.read("missing/too"), Err(GuestError::NotFound));
    assert_eq!(guest.read("folder"), Err(GuestError::NotRegular));
    assert_eq!(guest.read("file/below"), Err(GuestError::NotRegular));
    assert_eq!(guest.read("big"), Err(GuestError::TooBig));
    assert_eq!(guest.read("huge"), Err(GuestError::TooBig));
    assert_eq!(guest.read("secret"), Err(GuestError::Denied));
    assert_eq!(guest.write("folder", "x"), Err(GuestError::NotRegular));
    assert_eq!(guest.write("file/below", "x"), Err(GuestError::NotRegular));
    assert_eq!(guest.create_folder("file"), Err(GuestError::NotRegular));
    assert_eq!(guest.rename("file", "folder"), Err(GuestError::AlreadyExists));
    assert_eq!(guest.rename("missing", "x"), Err(GuestError::NotFound));
    assert!(matches!(guest.rename("folder", "folder/in/itself"), Err(GuestError::Other { .. })));
    let content = FileContent::Text("x".repeat(MAX_FILE_BYTES + 1));
    let big =
        guest.ask(|request| ToGuest::WriteFile { request, path: path("b"), content, executable: false });
    assert_eq!(big.unwrap_err(), GuestError::TooBig);
}

#[test]
fn a_full_disk_is_said_and_leaves_the_old_file_and_nothing_else() {
    let mut guest = Guest::start();
    guest.write("file", "old").unwrap();
    guest.sh("dd if=/dev/zero of=filler bs=64k 2>/dev/null || true");
    assert_eq!(guest.write("file", &"new".repeat(100_000)), Err(GuestError::DiskFull));
    assert_eq!(guest.read("file").as_deref(), Ok("old"));
    assert_eq!(guest.sh("ls -A"), "file\nfiller\n");
    guest.delete("filler").unwrap();
    guest.write("file", "new").unwrap();
}

#[test]
fn links_pipes_sockets_and_devices_are_never_followed() {
    let mut guest = Guest::start();
    guest.sh("echo secret > ../outside; mkdir ../folder; echo x > ../folder/file
         ln -s ../outside link; ln -s ../folder dir; ln -s /etc/passwd passwd; ln -s /proc/self/environ env
         ln -s nowhere dangling; ln -s loop loop; mkfifo pipe; nc -l -p 0 local:sock & usleep 1000; true");
    guest.sh("ln -s /dev/zero zero");
    for name in ["link", "passwd", "env", "dangling", "loop", "pipe", "zero"] {
        let started = Instant::now();
        assert_eq!(guest.read(name), Err(GuestError::NotRegular), "{name}");
        assert_eq!(guest.write(name, "gotcha"), Err(GuestError::NotRegular), "{name}");
        assert_eq!(guest.rename(name, "renamed"), Err(GuestError::NotRegular), "{name}");
        assert_eq!(guest.create_folder(name), Err(GuestError::NotRegular), "{name}");
        assert!(started.elapsed() < Duration::from_secs(1), "{name} blocked");
    }
    for name in ["dir/file", "dir/new", "dir/folder/new"] {
        assert_eq!(guest.read(name), Err(GuestError::NotRegular), "{name}");
        assert_eq!(guest.write(name, "gotcha"), Err(GuestError::NotRegular), "{name}");
        assert_eq!(guest.create_folder(name), Err(GuestError::NotRegular), "{name}");
        assert_eq!(guest.delete(name), Err(GuestError::NotRegular), "{name}");
        assert_eq!(guest.rename(name, "renamed"), Err(GuestError::NotRegular), "{name}");
        guest.write("mine", "x").unwrap();
        assert_eq!(guest.rename("mine", name), Err(GuestError::NotRegular), "{name}");
    }
    // A listing names them and looks no further; deleting removes the link, not what it points to.
    let entries = match guest.ask(|request| ToGuest::ListFiles { request }).unwrap() {
        FromGuest::FilesListed { entries, .. } => entries,
        other => panic!("{other:?}"),
    };
    assert!(entries.iter().all(|entry| entry.path.as_str() == "mine" || entry.kind == EntryKind::Other));
    for name in ["link", "dir", "pipe", "loop"] {
        guest.delete(name).unwrap();
    }
    assert_eq!(guest.sh("cat ../outside ../folder/file"), "secret\nx\n");
}

#[test]
fn a_folder_swapped_for_a_link_in_a_loop_lets_nothing_escape() {
    let mut guest = Guest::start();
    guest.sh("mkdir ../outside ../real; echo untouched > ../outside/file");
    guest.service(
        "while :; do
            rm -rf target; ln -s ../outside target; rm -f target; mkdir target 2>/dev/null; echo inside > target/file
         done 2>/dev/null",
    );
    let (mut inside, mut refused) = (0, 0);
    // HOSTILE.md's number, of the saves alone: an editor does the rest now and then.
    for number in 0..10_000 {
        match guest.write("target/file", "from the agent") {
            Ok(()) => inside += 1,
            Err(_) => refused += 1,
        }
        if number % 5 > 0 {
            continue;
        }
        if let Ok(text) = guest.read("target/file") {
            assert_ne!(text, "untouched\n");
        }
        let _ = guest.create_folder("target/folder");
        let _ = guest.delete("target/file");
    }
    guest.ask(|request| ToGuest::KillAll { request }).unwrap();
    assert_eq!(guest.sh("ls -A ../outside; cat ../outside/file"), "file\nuntouched\n");
    assert!(inside > 0 && refused > 0, "the race never happened: {inside} inside, {refused} refused");
}

#[test]
fn locked_folders_do_not_stop_the_agent() {
    let mut guest = Guest::start();
    let lock = "mkdir -p a/b/c/d; echo x > a/b/c/d/f; chmod 0 a/b/c/d a/b/c a/b a";
    guest.sh(lock);
    assert_eq!(guest.list(), (vec!["a".to_owned()], 1));
    assert_eq!(guest.read("a/b/c/d/f"), Err(GuestError::Denied));
    guest.write("a/b/new", "x").unwrap();
    guest.delete("a").unwrap();
    guest.sh(lock);
    guest.delete("a").unwrap();
    for lock in ["chmod 0 .", "chmod 0500 .", "chmod 0400 .", "chmod 0 ~/work ~"] {
        guest.sh(lock);
        guest.write("still", "works").unwrap();
    }
    assert_eq!(guest.sh("ls -A"), "still\n");
}

#[test]
fn a_workspace_that_was_removed_is_there_again() {
    let mut guest = Guest::start();
    guest.sh("cd ..; rm -rf work");
    assert_eq!(guest.list(), (vec![], 0));
    guest.sh("cd; mkdir work; mv work elsewhere");
    guest.write("a/b", "x").unwrap();
    assert_eq!(guest.sh("cat /home/learner/work/a/b"), "x");
    // A link in its place is not followed.
    guest.sh("cd ..; rm -rf work; ln -s elsewhere work");
    assert_eq!(guest.write("a", "x"), Err(GuestError::NotRegular));
    assert_eq!(guest.sh("ls -A ../elsewhere"), "");
}

#[test]
fn trees_of_any_size_are_listed_within_bounds_and_deleted() {
    let mut guest = Guest::start();
    guest.sh("mkdir wide; cd wide; for i in $(seq 1 5000); do : > f$i; done");
    guest.sh(
        "i=0; mkdir deep; cd deep; while [ $i -lt 1500 ]; do mkdir d; cd d; i=$((i+1)); done; : > bottom",
    );
    guest.sh("touch \"$(printf 'new\\nline')\" \"$(printf 'not\\377utf8')\" -- -rf; mkdir \"$(printf 'dir\\377')\"; mkdir \"$(printf 'dir\\377')\"/sub");
    let started = Instant::now();
    let (names, omitted) = guest.list();
    assert!(started.elapsed() < Duration::from_millis(500), "{:?}", started.elapsed());
    assert_eq!(names.len(), MAX_LISTING_ENTRIES);
    assert!(omitted > 3_000, "{omitted}");
    for name in ["wide", "deep", "-rf"] {
        let started = Instant::now();
        guest.delete(name).unwrap();
        assert!(started.elapsed() < Duration::from_secs(2), "{name} took {:?}", started.elapsed());
    }
    assert_eq!(guest.list(), (vec![], 3));
    guest.sh("mkdir box; mv *line *utf8 dir* box");
    guest.delete("box").unwrap();
    assert_eq!(guest.sh("ls -A"), "");
}

#[test]
fn ignored_names_are_not_listed() {
    let mut guest = Guest::start_with(&["--ignore", "__pycache__", "--ignore", "*.pyc"]);
    guest.sh(
        "mkdir -p __pycache__ src/__pycache__; touch a.py a.pyc src/b.py __pycache__/x src/__pycache__/y",
    );
    assert_eq!(guest.list(), (["a.py", "src", "src/b.py"].map(str::to_owned).into(), 0));
}
