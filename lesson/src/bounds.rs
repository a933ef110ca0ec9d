//! Bounds of a lesson: what an author may ask for. Those of a workspace are in [`ide_protocol::limits`].

use std::ops::RangeInclusive;

/// The manifest shape this crate reads.
pub const SCHEMA: u32 = 1;

/// Characters of a slug, an image's or a language's name: they appear in URLs, tags and container names.
pub const SLUG_CHARS: RangeInclusive<usize> = 1..=64;
/// Characters of titles and course names: one line on a phone or two.
pub const TITLE_CHARS: RangeInclusive<usize> = 1..=100;
/// Characters of the summary: one sentence in a list.
pub const SUMMARY_CHARS: RangeInclusive<usize> = 1..=300;
/// Place in a course; more lessons than this are several courses.
pub const POSITION: RangeInclusive<usize> = 1..=1_000;
/// Minutes a lesson may take: from a warm-up to a working day.
pub const TIME_BUDGET_MINUTES: RangeInclusive<usize> = 1..=480;
/// Hints of one lesson: shown one at a time, so a dozen is already a tutorial.
pub const MAX_HINTS: usize = 12;
/// Bytes of one hint: a paragraph with a code sample.
pub const MAX_HINT_BYTES: usize = 4 * 1024;
/// Bytes of `instructions.md`: about forty pages; pictures are linked, not inlined.
pub const MAX_INSTRUCTIONS_BYTES: usize = 128 * 1024;
/// Pages of theory: more to read than this is a course.
pub const MAX_THEORY_PAGES: usize = 24;
/// Bytes of one page of theory: a long read; what is longer makes two pages.
pub const MAX_THEORY_PAGE_BYTES: usize = 64 * 1024;
/// Graded hand-ins after which a solution may be shown; who needs more tries needs a person.
pub const SOLUTION_HAND_INS: RangeInclusive<usize> = 1..=50;
/// Bytes of `lesson.toml`: a thousand test ids fit.
pub const MAX_MANIFEST_BYTES: usize = 512 * 1024;

/// Words of one command and bytes of each: it is an argument vector, not a script.
pub const COMMAND_WORDS: RangeInclusive<usize> = 1..=64;
pub const MAX_COMMAND_WORD_BYTES: usize = 4 * 1024;
/// Programs started before the tests; each costs start-up time of every container.
pub const MAX_SERVICES: usize = 8;
/// Hosts of a lesson's own network, and characters of a name: what a lesson is about fits on a drawing.
pub const MAX_HOSTS: usize = 8;
pub const HOST_CHARS: RangeInclusive<usize> = 1..=32;
/// Servers a lesson shows: each is a tab in a narrow row.
pub const MAX_PREVIEWS: usize = 4;
/// Ports they may listen on: lower ones are not for a learner's programs, who are not root.
pub const PREVIEW_PORT: RangeInclusive<usize> = 1_024..=65_535;
/// Characters of a preview's title: a tab's label.
pub const PREVIEW_TITLE_CHARS: RangeInclusive<usize> = 1..=40;
/// Bytes of the address within a server that is shown first.
pub const MAX_PREVIEW_PATH_BYTES: usize = 256;
/// Patterns of files a learner may add, and bytes of each.
pub const MAX_ALLOW_PATTERNS: usize = 32;
/// Names a lesson may have ignored; each is asked of every name that a program writes.
pub const MAX_IGNORE_PATTERNS: usize = 32;
pub const MAX_PATTERN_BYTES: usize = 256;
/// Bytes kept of a test's id and name; longer ones are cut, in reports and (refused) in manifests alike.
pub const MAX_TEST_ID_BYTES: usize = 512;

/// Commands, modules, exports of a module, ports and names of ports, each: what one lesson's tests reach the learner's work by.
pub const MAX_JUDGE_ENTRIES: usize = 32;
/// Patterns of files beside the learner's code.
pub const MAX_BESIDE_PATTERNS: usize = 32;

/// Seconds of wall clock: nobody waits longer than five minutes for a verdict, and a slot is taken all the while.
pub const WALL_SECONDS: RangeInclusive<usize> = 1..=300;
/// MiB of memory: below 112 the fixed tmpfs mounts and a runtime do not fit, above 4096 an eval host holds too few.
pub const MEMORY_MIB: RangeInclusive<usize> = 112..=4_096;
/// Hundredths of a core: a tenth still starts Python in a second; four cores are a build server's business.
pub const CPU_PERCENT: RangeInclusive<usize> = 10..=400;
/// Processes and threads: a shell, a test runner and node's pool of threads need about 30.
pub const PROCESSES: RangeInclusive<usize> = 16..=1_024;
/// MiB of the home directory, which lies in memory.
pub const DISK_MIB: RangeInclusive<usize> = 4..=2_048;
/// KiB of output of one run; the same as bytes have to fit 32 bits with room.
pub const OUTPUT_KIB: RangeInclusive<usize> = 1..=16_384;

/// MiB of the tmpfs at `/tmp` and of the one at `/dev/shm`, which every container has.
pub const TMP_MIB: u32 = 16;
pub const SHM_MIB: u32 = 8;
/// MiB that must be left for programs when every tmpfs is full: a learner who fills the disk reads "disk full" and
/// not "out of memory".
pub const MEMORY_RESERVE_MIB: u32 = 64;

/// Bytes of all names, messages and prints of one verdict together, the expected tests' ids and the run's output aside.
/// Made printable, a text at most doubles when escaped as JSON; so the fullest verdict still fits one message and one
/// database row.
pub const MAX_VERDICT_TEXT_BYTES: usize = 256 * 1024;
