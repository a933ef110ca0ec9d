//! What a learner may lay out in the workspace while the editor saves into it (HOSTILE.md, B).

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use ide_protocol::session::SessionMessage;
use uuid::Uuid;

use super::super::{Acted, Scene};
use crate::ground::{Learner, LiveSession};

/// Saves while a folder and a link take turns under the same name. Each goes all the way – HTTP, a durable commit, relay, agent –
/// and takes some 20 ms; HOSTILE.md's 10,000 are made where the race is, at the guest
/// (`eval-guest/tests/container/files.rs`).
const SAVES: usize = 1_000;

/// Saved under the name of a link to /etc/passwd.
const SAVED: &str = "root::0:0::/:/bin/sh\n";

/// A command at the prompt; nothing asked here takes longer.
const SOON: Duration = Duration::from_secs(20);

/// A save has reached the container after this, whatever lies there.
const ARRIVES: Duration = Duration::from_secs(5);

struct Bench {
    learner: Learner,
    workspace: Uuid,
    session: Uuid,
    live: LiveSession,
    wrong: Vec<String>,
}

impl Bench {
    async fn new(scene: Scene<'_>) -> anyhow::Result<Self> {
        let learner = scene.ground.learner("mallory").await?;
        let workspace = learner.open(&scene.slug()).await?.id;
        let (session, live) = learner.settle(workspace).await?;
        Ok(Self { learner, workspace, session, live, wrong: Vec::new() })
    }

    async fn run(&mut self, command: &str) -> anyhow::Result<String> {
        self.live.run(command, SOON).await?.with_context(|| format!("no prompt after {command}"))
    }

    /// The answer has to hold `needle`.
    async fn sees(&mut self, command: &str, needle: &str) -> anyhow::Result<()> {
        let answer = self.run(command).await?;
        if !answer.contains(needle) {
            self.wrong.push(format!("{command}: no {needle:?} in {answer:?}"));
        }
        Ok(())
    }

    /// Until a file that was saved stands in the container.
    async fn arrives(&mut self, path: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        while !self.run(&format!("test -f '{path}' && echo it-is-the''re")).await?.contains("it-is-there") {
            if began.elapsed() > ARRIVES {
                self.wrong.push(format!("{path} was saved and is not in the container after {ARRIVES:?}"));
                return Ok(());
            }
        }
        Ok(())
    }

    /// Until a file in the container holds what was saved over it.
    async fn holds(&mut self, path: &str, text: &str) -> anyhow::Result<()> {
        let began = Instant::now();
        while !self.run(&format!("cat '{path}'")).await?.contains(text) {
            if began.elapsed() > ARRIVES {
                self.wrong
                    .push(format!("what was saved in {path} is not in the container after {ARRIVES:?}"));
                return Ok(());
            }
        }
        Ok(())
    }

    /// Names of the files that are stored.
    async fn stored(&self) -> anyhow::Result<Vec<String>> {
        let held = self.learner.workspace(self.workspace).await?;
        Ok(held.files.into_iter().map(|entry| entry.path.into()).collect())
    }
}

/// Does it in a live session, and ends that whatever came of it.
async fn at_bench(
    scene: Scene<'_>,
    story: impl AsyncFnOnce(&mut Bench) -> anyhow::Result<String>,
) -> anyhow::Result<Acted> {
    let mut bench = Bench::new(scene).await?;
    let began = Instant::now();
    let seen = story(&mut bench).await;
    bench.learner.end_session(bench.session).await?;
    Ok(Acted::held(began, bench.wrong, seen?))
}

/// B02: links to what is not the learner's. They are neither stored nor written through.
pub(super) async fn links_are_never_followed(scene: Scene<'_>) -> anyhow::Result<Acted> {
    at_bench(scene, async |bench| {
    bench.run("mkdir /tmp/out; echo mine > /tmp/out/kept; ln -s /etc/passwd leak; ln -s /proc/self/environ env; ln -s /tmp/out dir; ln -s /tmp/out/kept file; echo here > after").await?;
    bench.arrives("after").await?;
    for (path, text) in [("file", "overwritten\n"), ("leak", SAVED), ("dir/new", "escaped\n")] {
        bench.learner.save_text(bench.workspace, path, text).await?;
    }
    // They are done in turn: the last one's refusal is the end of all.
    let refused = bench.live.until_message(SOON, |message| match message {
        SessionMessage::RequestRefused { message } if message.contains("dir/new") => Some(()),
        _ => None,
    });
    if refused.await.is_err() {
        bench.wrong.push("nobody says that dir/new could not be written".to_owned());
    }
    bench.sees("cat /tmp/out/kept; ls -A /tmp/out | wc -l", "mine\r\n1").await?;
    bench.sees("readlink leak dir file | tr '\\n' ' '", "/etc/passwd /tmp/out /tmp/out/kept").await?;
    let stored = bench.learner.read(bench.workspace, &"leak".parse()?).await?;
    if stored.content.as_bytes() != SAVED.as_bytes() {
        bench.wrong.push("what a link leads to was stored".to_owned());
    }
    if bench.stored().await?.iter().any(|path| path == "env" || path == "dir/kept") {
        bench.wrong.push("a link was followed into the store".to_owned());
    }
    Ok(String::new())
    })
    .await
}

/// B03: a folder and a link out take turns under one name while the editor saves into it.
pub(super) async fn a_folder_that_becomes_a_link(scene: Scene<'_>) -> anyhow::Result<Acted> {
    at_bench(scene, async |bench| {
    bench.run("mkdir -p /tmp/out d; (ln -s /tmp/out l; while :; do mv -T d e; mv -T l d; mv -T d l; mv -T e d; done) >/dev/null 2>&1 &").await?;
    let mut stored = 0;
    for number in 0..SAVES {
        // What the loop moved meanwhile is a newer revision: then it is refused, which is as good.
        let saved = bench.learner.save_text(bench.workspace, "d/x", &format!("{number}\n")).await;
        stored += usize::from(saved.is_ok());
    }
    if stored < SAVES / 4 {
        bench.wrong.push(format!("only {stored} of {SAVES} saves were stored"));
    }
    bench.run("kill %1; wait 2>/dev/null").await?;
    bench.sees("echo escaped: $(ls -A /tmp/out | wc -l)", "escaped: 0").await?;
    Ok(format!("{stored} of {SAVES} saves stored"))
    })
    .await
}

/// B05 and B06 beside each other: pipes, sockets, locked folders, and then no workspace at all. Saving goes on.
pub(super) async fn a_workspace_beyond_recognition(scene: Scene<'_>) -> anyhow::Result<Acted> {
    at_bench(scene, async |bench| {
    bench.run("mkfifo pipe; mkdir locked; echo x > locked/in; chmod 000 locked; echo x > secret; chmod 000 secret").await?;
    bench.learner.save_text(bench.workspace, "beside", "1\n").await?;
    bench.arrives("beside").await?;
    bench.learner.save_text(bench.workspace, "locked/other", "1\n").await?;
    bench.arrives("locked/other").await?;
    bench.run("cd; rm -rf work; touch work").await?;
    bench.run("rm work; cd").await?;
    bench.learner.save_text(bench.workspace, "again", "1\n").await?;
    bench.arrives("work/again").await?;
    Ok(String::new())
    })
    .await
}

/// B10: names that mean something to shells, terminals and readers. What is no name of ours is left alone; the rest is
/// stored as it is.
pub(super) async fn names_that_mean_something(scene: Scene<'_>) -> anyhow::Result<Acted> {
    at_bench(scene, async |bench| {
    bench
        .run(concat!(
            r#"for n in $'new\nline' $'esc\e[2J' $'\xff\xfe' -rf '$(touch pwned)' '`touch pwned`' ';touch pwned' $'\u202egnp.exe' "#,
            r#""$(printf 'x%.0s' {1..255})" '%2e%2e' 'a b'; do echo odd > "./$n"; done; echo last > zz-last"#
        ))
        .await?;
    let until = Instant::now() + ARRIVES;
    let stored = loop {
        let stored = bench.stored().await?;
        if stored.iter().any(|path| path == "zz-last") || Instant::now() > until {
            break stored;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    for kept in ["-rf", "$(touch pwned)", ";touch pwned", "\u{202e}gnp.exe", "%2e%2e", "a b", "zz-last"] {
        if !stored.iter().any(|path| path == kept) {
            bench.wrong.push(format!("{kept:?} is not stored"));
        }
    }
    if let Some(odd) = stored.iter().find(|path| path.chars().any(char::is_control) || *path == "pwned") {
        bench.wrong.push(format!("{odd:?} is stored"));
    }
    bench.sees("echo pwned: $(ls | grep -c pwned)", "pwned: 3").await?;
    Ok(format!("{} files stored", stored.len()))
    })
    .await
}

/// B11: a tree deeper and a folder fuller than anybody may list, as far as the container's count of inodes allows. As many are stored as a workspace
/// may hold, and what is saved beside them arrives all the same.
pub(super) async fn a_tree_without_end(scene: Scene<'_>) -> anyhow::Result<Acted> {
    at_bench(scene, async |bench| {
        bench
            .run("mkdir wide; (cd wide; for i in {1..2000}; do : > f$i; done) 2>/dev/null; ls wide | wc -l")
            .await?;
        bench.run("(for i in {1..300}; do mkdir d && cd d || break; done) 2>/dev/null; echo").await?;
        bench.learner.save_text(bench.workspace, "solution.sh", "echo saved-beside\n").await?;
        bench.holds("solution.sh", "saved-beside").await?;
        let stored = bench.stored().await?.len();
        // The lesson's own test is shown among them.
        if stored > ide_protocol::limits::MAX_WORKSPACE_FILES + 1 {
            bench.wrong.push(format!("{stored} files are stored"));
        }
        bench.run("rm -rf wide d").await?;
        Ok(format!("{stored} files stored"))
    })
    .await
}

/// B07 and B09: a lesson's folder that an author did not mean well. It is refused in words, in no time.
pub(super) async fn a_lesson_that_is_a_trap(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let folder = tempfile::tempdir()?;
    let trap = r#"
        mkdir -p lesson/files lesson/solution && cd lesson
        printf '%*s' 600000 | tr ' ' '[' > lesson.toml
        ln -s /etc/passwd instructions.md
        ln -s /etc files/etc; ln -s /dev/zero files/zero; mkfifo files/pipe solution/pipe
        mkdir files/many; (cd files/many; seq 20000 | xargs touch)
        (cd files; for i in $(seq 200); do mkdir d && cd d; done)
        truncate -s 10G files/huge; printf 'x' > "files/$(printf 'new\nline')"
    "#;
    let made =
        tokio::process::Command::new("bash").args(["-c", trap]).current_dir(folder.path()).status().await?;
    anyhow::ensure!(made.success(), "the trap could not be laid");
    let began = Instant::now();
    let mut check = tokio::process::Command::new(&scene.ground.plan().gradus);
    check.args(["lesson", "check", "lesson"]).current_dir(folder.path());
    check.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let output = tokio::time::timeout(scene.bound(), check.output()).await;
    let mut wrong = Vec::new();
    let mut seen = String::new();
    match output {
        Err(_) => wrong.push(format!("it is still being read after {:?}", scene.bound())),
        Ok(output) => {
            let output = output?;
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            seen = format!("{} lines", said.lines().count());
            if output.status.success() || said.contains("panicked") {
                wrong.push(format!("{}: {said:.300}", output.status));
            }
            if said.contains("root:x:0") || said.len() > 64 * 1024 {
                wrong.push(format!("it says too much: {} bytes", said.len()));
            }
        }
    }
    Ok(Acted::held(began, wrong, seen))
}
