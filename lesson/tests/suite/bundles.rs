//! A lesson travels whole or not at all: packing is exact, and no archive can do more than be refused.

use std::io::Write as _;

use crate::support::LessonDir;
use lesson::{BundleError, Lesson, pack, unpack};
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use tar::{Builder, EntryType, Header};

fn sample() -> Lesson {
    LessonDir::valid().load().unwrap()
}

#[test]
fn a_bundle_is_named_by_its_bytes_and_always_the_same() {
    let lesson = LessonDir::valid();
    let first = pack(&lesson.load().unwrap()).unwrap();
    assert_eq!(first.digest, digest(&first.bytes));
    assert_eq!(first, pack(&lesson.load().unwrap()).unwrap());

    lesson.change("schema = 1", "# A comment is no new version.\nschema = 1");
    assert_eq!(first, pack(&lesson.load().unwrap()).unwrap());

    lesson.write("files/tests/test_more.py", "# other\n");
    assert_ne!(first.digest, pack(&lesson.load().unwrap()).unwrap().digest);
}

#[test]
fn an_unpacked_lesson_is_validated_like_a_folder() {
    let mut lesson = sample();
    lesson.manifest.limits.disk_mib = 9_999;
    let bundle = pack(&lesson).unwrap();
    let error = unpack(&bundle.bytes, &bundle.digest).unwrap_err().to_string();
    assert!(error.contains("9999 is out of bounds"), "{error}");
}

#[test]
fn what_could_not_be_unpacked_is_not_packed() {
    let mut lesson = sample();
    for file in lesson.files.values_mut() {
        file.content = vec![b'0'; 1024 * 1024];
    }
    assert!(matches!(pack(&lesson), Err(BundleError::UnpacksTooLarge { .. })));
}

/// A file name of the workspace that no other chosen one is a folder of.
fn file_name() -> impl Strategy<Value = String> {
    "[a-zé][a-z0-9 ]{0,150}[a-z](/[a-z]{1,120}\\.x)?".prop_map(|name| format!("f/{name}.d"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn packing_and_unpacking_is_identity(
        files in prop::collection::btree_map(file_name(), (any::<Vec<u8>>(), any::<bool>(), 0usize..3), 0..12),
        instructions in "[^\\x00]{1,200}[a-z]",
        theory in prop::collection::btree_map("[a-z]{1,20}", "[^\\x00]{0,200}[a-z]", 0..4),
        wall_seconds in 1u32..=300,
        build in prop::option::of(prop::collection::vec("[ -~]{1,30}", 1..4)),
    ) {
        let mut lesson = sample();
        lesson.instructions = instructions;
        for (name, text) in theory {
            let file = format!("theory/{name}.md").parse().unwrap();
            lesson.manifest.theory.push(lesson::TheorySpec { title: name.clone(), file });
            lesson.theory.insert(format!("{name}.md").parse().unwrap(), text);
        }
        lesson.manifest.limits.wall_seconds = wall_seconds;
        lesson.manifest.tests.build = build;
        for (path, (content, executable, role)) in files {
            use ide_protocol::files::FileRole::{Editable, Hidden, ReadOnly};
            let path: ide_protocol::files::WorkspacePath = path.parse().unwrap();
            let role = [Editable, ReadOnly, Hidden][role];
            lesson.manifest.files.push(lesson::FileSpec { path: path.clone(), role, executable });
            if role == Editable {
                lesson.solution.insert(path.clone(), content.iter().rev().copied().collect());
            }
            lesson.files.insert(path, lesson::LessonFile { role, content, executable });
        }
        let bundle = pack(&lesson).unwrap();
        let back = unpack(&bundle.bytes, &bundle.digest).unwrap();
        prop_assert_eq!(&back, &lesson);
        prop_assert_eq!(pack(&back).unwrap(), bundle);
    }

    #[test]
    fn no_bytes_can_do_more_than_be_refused(bytes in any::<Vec<u8>>()) {
        prop_assert!(unpack(&bytes, &digest(&bytes)).is_err());
        let archive = compress(&bytes);
        prop_assert!(unpack(&archive, &digest(&archive)).is_err());
    }

    #[test]
    fn a_spoilt_archive_is_refused_or_a_lesson(at in any::<prop::sample::Index>(), byte: u8) {
        let mut archive = good_archive();
        let at = at.index(archive.len());
        archive[at] = byte;
        let bundle = compress(&archive);
        if let Ok(lesson) = unpack(&bundle, &digest(&bundle)) {
            prop_assert!(pack(&lesson).is_ok());
        }
    }
}

#[test]
fn hostile_archives_are_refused_each_for_its_reason() {
    type Spoil = fn(&mut Builder<Vec<u8>>);
    let rows: &[(&str, Spoil, &str)] = &[
        (
            "symlink",
            |a| entry(a, EntryType::Symlink, "files/x", b"", "/etc/passwd"),
            "\"files/x\" is not a plain file",
        ),
        (
            "hard link",
            |a| entry(a, EntryType::Link, "files/x", b"", "files/leap.py"),
            "\"files/x\" is not a plain file",
        ),
        ("character device", |a| entry(a, EntryType::Char, "files/null", b"", ""), "is not a plain file"),
        ("block device", |a| entry(a, EntryType::Block, "files/sda", b"", ""), "is not a plain file"),
        ("pipe", |a| entry(a, EntryType::Fifo, "files/pipe", b"", ""), "is not a plain file"),
        ("folder", |a| entry(a, EntryType::Directory, "files/d/", b"", ""), "is not a plain file"),
        ("sparse file", |a| entry(a, EntryType::GNUSparse, "files/s", b"", ""), ""),
        ("climbs out", |a| plain(a, "files/../../etc/cron.d/x", b"x"), "has a name that is not allowed"),
        ("climbs out at the top", |a| plain(a, "../x", b"x"), "does not belong in a lesson"),
        ("absolute", |a| plain(a, "/etc/passwd", b"x"), "does not belong in a lesson"),
        ("absolute below", |a| plain(a, "files//etc/passwd", b"x"), "has a name that is not allowed"),
        ("backslashes", |a| plain(a, "files/..\\x", b"x"), "has a name that is not allowed"),
        ("control character", |a| plain(a, "files/a\u{1b}[2J", b"x"), "has a name that is not allowed"),
        ("elsewhere", |a| plain(a, "Dockerfile", b"x"), "does not belong in a lesson"),
        ("twice", |a| plain(a, "files/leap.py", b"other"), "\"files/leap.py\" is there twice"),
        ("manifest twice", |a| plain(a, "lesson.toml", b"schema = 1"), "\"lesson.toml\" is there twice"),
        ("undeclared", |a| plain(a, "files/extra.py", b"x"), "files/extra.py has no [[files]] entry"),
        ("one large file", |a| plain(a, "files/x", &noise(1024 * 1024 + 1)), "\"files/x\" is too large"),
        ("large instructions", |a| plain(a, "instructions.md", &noise(128 * 1024 + 1)), "too large"),
        (
            "too many entries",
            |a| (0..1_100).for_each(|i| plain(a, &format!("files/{i}"), b"")),
            "more than 1026 entries",
        ),
        ("size beyond the end", |a| lie(a, 1 << 40), "no zstd-compressed tar"),
        (
            "unpacks too large",
            |a| (0..25).for_each(|i| plain(a, &format!("files/{i}"), &noise(1024 * 1024))),
            "unpacks to more than 20971520",
        ),
        ("zeros without end", |a| plain(a, "files/zeros", &vec![0; 64 << 20]), "unpacks to more than"),
        (
            "huge name",
            |a| entry(a, EntryType::GNULongName, "././@LongLink", &[b'n'; 70_000], ""),
            "no zstd-compressed tar",
        ),
        (
            "huge extended header",
            |a| entry(a, EntryType::XHeader, "pax", &[b'x'; 512 * 1024], ""),
            "no zstd-compressed tar",
        ),
    ];
    for (what, spoil, expected) in rows {
        let mut archive = builder_with_lesson();
        spoil(&mut archive);
        let bundle = compress(&archive.into_inner().unwrap());
        let error = unpack(&bundle, &digest(&bundle)).expect_err(what).to_string();
        assert!(error.contains(expected), "{what}: {error}");
    }
}

#[test]
fn a_bundle_beyond_its_limit_is_not_even_read() {
    assert!(matches!(unpack(&vec![0; (16 << 20) + 1], ""), Err(BundleError::TooLarge)));
}

#[test]
fn a_bomb_costs_no_more_than_its_limit() {
    // Half a GiB of zeros in some 16 KiB: must stop at 100 times the bundle, not at its end.
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..512 {
        encoder.write_all(&zeros).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let error = unpack(&bomb, &digest(&bomb)).unwrap_err();
    assert!(
        matches!(error, BundleError::UnpacksTooLarge { limit_bytes } if limit_bytes <= 20 << 20),
        "{error}"
    );
}

#[test]
fn a_window_larger_than_ours_is_refused() {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    encoder.window_log(27).unwrap();
    encoder.write_all(&good_archive()).unwrap();
    let bundle = encoder.finish().unwrap();
    assert!(matches!(unpack(&bundle, &digest(&bundle)), Err(BundleError::Unreadable(_))));
}

#[test]
fn other_bytes_than_named_are_refused_before_they_are_read() {
    let bundle = pack(&sample()).unwrap();
    let other = digest(b"other");
    assert!(matches!(unpack(&bundle.bytes, &other), Err(BundleError::WrongDigest)));
    assert!(matches!(unpack(&bundle.bytes, &bundle.digest.to_uppercase()), Err(BundleError::WrongDigest)));
    assert!(matches!(unpack(&bundle.bytes[1..], &bundle.digest), Err(BundleError::WrongDigest)));
}

#[test]
fn a_bundle_that_breaks_off_is_refused() {
    let archive = good_archive();
    for length in [0, 1, 511, 512, 513, archive.len() / 2] {
        let bundle = compress(&archive[..length]);
        assert!(unpack(&bundle, &digest(&bundle)).is_err(), "{length} bytes");
    }
    let bundle = pack(&sample()).unwrap().bytes;
    for length in [0, 3, bundle.len() / 2, bundle.len() - 1] {
        assert!(unpack(&bundle[..length], &digest(&bundle[..length])).is_err(), "{length} bytes");
    }
}

fn good_archive() -> Vec<u8> {
    builder_with_lesson().into_inner().unwrap()
}

/// An archive of the sample, open for one entry more.
fn builder_with_lesson() -> Builder<Vec<u8>> {
    let dir = LessonDir::valid();
    let mut archive = Builder::new(Vec::new());
    for path in [
        "lesson.toml",
        "instructions.md",
        "files/leap.py",
        "files/tests/test_leap.py",
        "files/tests/test_more.py",
        "solution/leap.py",
    ] {
        plain(&mut archive, path, &std::fs::read(dir.at(path)).unwrap());
    }
    archive
}

fn plain(archive: &mut Builder<Vec<u8>>, path: &str, content: &[u8]) {
    entry(archive, EntryType::Regular, path, content, "");
}

/// Writes the header by hand: the builder would refuse what is tested here.
fn entry(archive: &mut Builder<Vec<u8>>, kind: EntryType, path: &str, content: &[u8], link: &str) {
    let mut header = header(kind, path, content.len() as u64);
    header.as_gnu_mut().unwrap().linkname[..link.len()].copy_from_slice(link.as_bytes());
    header.set_cksum();
    archive.append(&header, content).unwrap();
}

/// An entry that claims to be `size` bytes long and is not.
fn lie(archive: &mut Builder<Vec<u8>>, size: u64) {
    let mut header = header(EntryType::Regular, "files/lie", size);
    header.set_cksum();
    archive.append(&header, &b"short"[..]).unwrap();
}

fn header(kind: EntryType, path: &str, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(0o777);
    header.as_gnu_mut().unwrap().name[..path.len()].copy_from_slice(path.as_bytes());
    header
}

/// Bytes that do not compress.
fn noise(len: usize) -> Vec<u8> {
    let blocks = (0u64..).flat_map(|block| Sha256::digest(block.to_le_bytes()));
    blocks.take(len).collect()
}

fn compress(archive: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(archive, 3).unwrap()
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
