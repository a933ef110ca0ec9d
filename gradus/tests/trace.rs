//! `gradus trace` against a real installation: every hop of a key and of a hand-in has a time, and together they are all
//! the time there was.

#![expect(clippy::expect_used, reason = "a test may give up")]

mod common;

use std::process::Command;

use common::{Installation, root};
use serde_json::Value;

fn trace(installation: &Installation, what: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_gradus"))
        .arg("trace")
        .args(what)
        .args(["--url", &installation.address, "--json"])
        .env("GRADUS_PASSWORD", installation.learner_password())
        .current_dir(root())
        .output()
        .expect("gradus runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn samples(hop: &Value) -> Vec<i64> {
    let samples = hop["samples_us"].as_array().expect("samples");
    samples.iter().map(|sample| sample.as_i64().expect("microseconds")).collect()
}

/// One machine, one clock: no hop takes less than no time, and the chain has no hole.
fn check(trace: &Value, hops: usize, count: usize) {
    assert_eq!(trace["hops"].as_array().map(Vec::len), Some(hops), "{trace}");
    let total = samples(&trace["total"]);
    assert_eq!(total.len(), count);
    for (number, total) in total.iter().enumerate() {
        let hops = trace["hops"].as_array().expect("hops");
        let taken: Vec<i64> = hops.iter().map(|hop| *samples(hop).get(number).expect("a sample")).collect();
        assert!(taken.iter().all(|hop| *hop >= 0), "{taken:?}");
        // Each is cut off to whole microseconds.
        let lost = total - taken.iter().sum::<i64>();
        assert!((0..=i64::try_from(taken.len()).expect("few")).contains(&lost), "{taken:?} of {total}");
    }
}

#[tokio::test]
async fn a_key_and_a_hand_in_are_traced_through_every_hop() {
    let installation = Installation::up();
    let key = trace(&installation, &["keystroke", "--count", "45", "--pause-ms", "0"]);
    check(&key, 7, 45);
    assert_eq!(samples(&key["beside"][0]).len(), 45, "when the echo was seen");

    let hand_in = trace(&installation, &["submission", "--lesson", "sh-pipes", "--count", "2"]);
    check(&hand_in, 10, 2);
    assert_eq!(hand_in["hops"][6]["name"], "tests run");
    assert!(samples(&hand_in["hops"][6]).iter().all(|run| *run > 0), "{hand_in}");
}
