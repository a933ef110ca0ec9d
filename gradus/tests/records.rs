//! What is kept of a verdict is enough to make it again – and to find out when it is not the same.

#![expect(clippy::expect_used, reason = "a test may give up")]

mod common;

use std::path::Path;
use std::process::Command;

use common::{Installation, is_final, root};
use ide_protocol::record::{AttemptEnd, Record};
use ide_protocol::rest::Submission;
use ide_protocol::results::Outcome;
use lesson::Lesson;

fn verify(submission: &Submission, data: &Path) -> (Option<i32>, String) {
    verify_in(submission, &["--data", &data.to_string_lossy()])
}

fn verify_in(submission: &Submission, place: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_gradus"))
        .args(["verify", &submission.id.to_string()])
        .args(place)
        .current_dir(root())
        .output()
        .expect("gradus runs");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

fn digest_of(data: &Path) -> String {
    lesson::digest_of(&std::fs::read(data.join("gradus.db")).expect("the store"))
}

#[tokio::test]
async fn a_verdict_is_made_again_and_one_that_was_changed_is_found_out() {
    let mut installation = Installation::up();
    let learner = installation.learner().await;
    let lesson = Lesson::from_dir(&root().join("lesson-images/lessons/sh-pipes")).expect("a lesson");
    let workspace = learner.workspace("sh-pipes").await;
    let wrong = learner.hand_in(&workspace, "starter").await;
    learner.save(&workspace, &lesson.solution_files()).await;
    let right = learner.hand_in(&workspace, "solution").await;
    for submission in [&wrong, &right] {
        learner.submission_when(submission, is_final).await;
    }

    let record: Record = learner.record(&right).await;
    let attempt = &record.attempts[0];
    assert!(matches!(attempt.end, Some(AttemptEnd::Verdict { outcome: Outcome::Passed, .. })), "{attempt:?}");
    assert!(attempt.image_digest.as_deref().is_some_and(|id| id.starts_with("sha256:")));
    let how = attempt.circumstances.as_ref().expect("circumstances");
    assert_eq!(how.submission_digest, record.submission_digest);
    assert_eq!(how.lesson_digest, lesson::pack(&lesson).expect("a bundle").digest);
    assert!(how.memory.peak_bytes.is_some_and(|bytes| bytes > 0), "{how:?}");
    let text = serde_json::to_string(&record).expect("JSON");
    for hidden in &lesson.manifest.tests.expected.hidden {
        assert!(!text.contains(hidden), "{hidden} is in the record");
    }

    assert!(installation.stop().success());
    let data = installation.data.path();
    let before = digest_of(data);
    for submission in [&right, &wrong] {
        let (status, said) = verify(submission, data);
        assert_eq!(status, Some(0), "{said}");
        assert!(said.contains("The same verdict"), "{said}");
    }
    assert_eq!(digest_of(data), before, "nothing in the store was changed");

    // Somebody with access to the database makes a pass of it, in both places.
    let change = format!(
        "UPDATE submissions SET outcome = replace(outcome, '\"failed\"', '\"passed\"'), passed = 1 WHERE id = '{0}';
         UPDATE attempts SET outcome = replace(outcome, '\"failed\"', '\"passed\"') WHERE submission = '{0}';",
        wrong.id
    );
    sqlite(data, &change);
    let (status, said) = verify(&wrong, data);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("DIFFERENT") && said.contains("Not the same verdict"), "{said}");

    // And somebody else the files.
    let blob = "UPDATE blobs SET bytes = CAST('exit 0' AS BLOB) WHERE digest IN
                  (SELECT blob FROM submission_files WHERE submission = ";
    sqlite(data, &format!("{blob}'{}')", right.id));
    let (status, said) = verify(&right, data);
    assert_eq!(status, Some(1), "{said}");
    let work = said.lines().find(|line| line.starts_with("work ")).expect("a row on the work");
    assert!(work.ends_with("DIFFERENT"), "{said}");

    let nobody = Submission { id: uuid::Uuid::from_u128(1), ..right };
    let (status, said) = verify(&nobody, data);
    assert!(status != Some(0) && said.contains("there is no submission"), "{said}");
}

#[tokio::test]
async fn a_lesson_image_that_changed_is_named_as_what_may_explain_a_difference() {
    let mut installation = Installation::up();
    let learner = installation.learner().await;
    installation.publish_with_image("sh-pipes", IMAGE_NAME).await;
    let image = Image::tagged("gradus/bash:latest");
    let lesson = Lesson::from_dir(&root().join("lesson-images/lessons/sh-pipes")).expect("a lesson");
    let workspace = learner.workspace("sh-pipes").await;
    learner.save(&workspace, &lesson.solution_files()).await;
    let submission = learner.hand_in(&workspace, "once").await;
    learner.submission_when(&submission, is_final).await;
    assert!(installation.stop().success());

    // Under the same name, an image in which the lesson's tests do otherwise.
    image.rebuild("FROM gradus/bash:latest\nRUN printf '#!/bin/sh\\necho 7\\n' > /usr/local/bin/sort && chmod 755 /usr/local/bin/sort\n");
    let (status, said) = verify(&submission, installation.data.path());
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.trim_end().ends_with("may be why: image.") || said.contains("may be why: ending, "),
        "{said}"
    );
    assert!(said.lines().any(|line| line.starts_with("image ") && line.ends_with("DIFFERENT")), "{said}");
}

/// On the PostgreSQL server of the tests, where there is one (`scripts/with-postgres`).
#[tokio::test]
async fn a_verdict_kept_in_postgresql_is_made_again_and_found_out_when_it_was_changed() {
    let Some(database) = Postgres::new() else { return };
    let mut installation = Installation::with("up", vec![("GRADUS_STORE", database.url.clone())]);
    let learner = installation.learner().await;
    let workspace = learner.workspace("sh-pipes").await;
    let submission = learner.hand_in(&workspace, "starter").await;
    learner.submission_when(&submission, is_final).await;
    assert!(installation.stop().success());

    let place = ["--store", &database.url];
    let (status, said) = verify_in(&submission, &place);
    assert_eq!(status, Some(0), "{said}");
    assert!(said.contains("The same verdict"), "{said}");

    let passed = "outcome = replace(outcome, '\"failed\"', '\"passed\"')";
    database.run(&format!("UPDATE submissions SET {passed}, passed = 1 WHERE id = '{}'", submission.id));
    database.run(&format!("UPDATE attempts SET {passed} WHERE submission = '{}'", submission.id));
    let (status, said) = verify_in(&submission, &place);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("Not the same verdict"), "{said}");
}

/// A database of this test's own; gone with it.
struct Postgres {
    server: String,
    name: String,
    url: String,
}

impl Postgres {
    fn new() -> Option<Self> {
        let server = std::env::var("GRADUS_TEST_POSTGRES").ok()?;
        let name = format!("gradus_verify_{}", std::process::id());
        let (base, _) = server.rsplit_once('/')?;
        let url = format!("{base}/{name}");
        psql(&server, &format!("CREATE DATABASE {name}"));
        Some(Self { server, name, url })
    }

    fn run(&self, sql: &str) {
        psql(&self.url, sql);
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        psql(&self.server, &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
    }
}

fn psql(url: &str, sql: &str) {
    let status = Command::new("psql").args(["--quiet", url, "--command", sql]).status();
    assert!(status.expect("psql runs").success(), "{sql}");
}

const IMAGE_NAME: &str = "verify-story";

/// A lesson image of this test's own; gone with it.
struct Image;

impl Image {
    fn tagged(of: &str) -> Self {
        docker(&["tag", of, &tag()], None);
        Self
    }

    fn rebuild(&self, dockerfile: &str) {
        docker(&["build", "--quiet", "--tag", &tag(), "-"], Some(dockerfile));
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        let _ = Command::new("docker").args(["image", "rm", "--force", &tag()]).output();
    }
}

fn tag() -> String {
    format!("gradus/{IMAGE_NAME}:latest")
}

fn docker(arguments: &[&str], input: Option<&str>) {
    use std::io::Write as _;
    let mut child = Command::new("docker")
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("docker runs");
    child.stdin.take().expect("piped").write_all(input.unwrap_or_default().as_bytes()).expect("written");
    assert!(child.wait().expect("docker ends").success(), "docker {arguments:?}");
}

fn sqlite(data: &Path, sql: &str) {
    let script = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.executescript(sys.argv[2]); c.commit(); c.close()";
    let status = Command::new("python3").args(["-c", script]).arg(data.join("gradus.db")).arg(sql).status();
    assert!(status.expect("python3 runs").success(), "{sql}");
}
