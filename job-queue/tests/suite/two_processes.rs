//! Several processes on one file: this test binary starts itself as the consumers.

use std::collections::HashSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use job_queue::{EmbeddedQueue, JobQueue, Lane};

/// Names the queue's file to a consumer process.
const FILE: &str = "GRADUS_TEST_QUEUE";
const JOBS: usize = 150;
const HELD: Duration = Duration::from_secs(60);

#[tokio::test]
async fn processes_share_a_queue_without_sharing_a_job() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gradus.db");
    let consumers: Vec<_> = (0..3).map(|_| consumer(&path).spawn().unwrap()).collect();
    let queue = EmbeddedQueue::open(&path).await.unwrap();
    for job in 0..JOBS {
        queue.send(Lane::Grading, &job.to_string()).await.unwrap();
    }
    for _ in &consumers {
        queue.send(Lane::Grading, "stop").await.unwrap();
    }
    let mut done = Vec::new();
    for consumer in consumers {
        let output = consumer.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        done.extend(text.lines().filter_map(|line| line.strip_prefix("did ")).map(str::to_owned));
    }
    assert_eq!(done.len(), JOBS, "each once");
    assert_eq!(done.iter().collect::<HashSet<_>>().len(), JOBS, "and all of them");
}

#[tokio::test]
async fn a_killed_process_gives_its_job_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gradus.db");
    let queue = EmbeddedQueue::open(&path).await.unwrap();
    queue.send(Lane::Grading, "hang").await.unwrap();
    let mut holder = consumer(&path).spawn().unwrap();
    while queue.depth(Lane::Grading).await.unwrap().in_flight == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    holder.kill().unwrap();
    holder.wait().unwrap();
    let again = queue.lease(Lane::Grading, HELD, Duration::from_secs(10)).await.unwrap().unwrap();
    assert_eq!((again.body(), again.delivery()), ("hang", 2));
}

fn consumer(path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "two_processes::consumer_process", "--ignored", "--nocapture"]);
    command.env(FILE, path).stdout(Stdio::piped());
    command
}

#[tokio::test]
#[ignore = "started by the tests above, as another process"]
async fn consumer_process() {
    let queue = EmbeddedQueue::open(Path::new(&std::env::var_os(FILE).unwrap())).await.unwrap();
    loop {
        let job = queue
            .lease(Lane::Grading, Duration::from_secs(2), Duration::from_secs(20))
            .await
            .unwrap()
            .unwrap();
        match job.body() {
            "stop" => return job.complete().await.unwrap(),
            "hang" => std::future::pending().await,
            body => println!("\ndid {body}"),
        }
        job.complete().await.unwrap();
    }
}
