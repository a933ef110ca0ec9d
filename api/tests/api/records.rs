//! What is kept of how a submission was graded, and who may read it.

use ide_protocol::record::{AttemptEnd, Record};
use ide_protocol::results::{Ending, Outcome, Trust};
use job_queue::Lane;
use serde_json::json;

use crate::support::World;
use crate::support::agent::{host_fault, passed};

story! {
    async fn a_record_tells_what_it_takes_to_grade_again(world: World) {
        let learner = world.learner().await;
        let workspace = learner.open("double").await.id;
        let submission = learner.hand_in(workspace).await;
        let path = format!("/api/v1/submissions/{}/record", submission.id);
        let waiting: Record = learner.http.get(&path).await.is(200);
        assert_eq!(waiting.attempts, [], "nobody has tried yet");

        let job = world.agent().take(Lane::Grading).await;
        let (first, _) = job.start_grading().await;
        job.finish(first, host_fault()).await.expect(200);
        let (second, _) = job.start_grading().await;
        job.finish(second, passed()).await.expect(200);

        let answer = learner.http.get(&path).await;
        let text = String::from_utf8(answer.bytes.clone()).unwrap();
        let record: Record = answer.is(200);
        assert!(!text.contains("no space"), "what went wrong with us is not told: {text}");
        assert!(!text.contains("test_hidden"), "no test is: {text}");
        assert_eq!(record.lesson_digest, submission.lesson_digest);
        let files = world.store().await.submission_files(submission.id).await.unwrap();
        assert_eq!(record.submission_digest, lesson::work_digest(&files));

        let ends: Vec<_> = record.attempts.iter().map(|attempt| (attempt.attempt, attempt.end)).collect();
        let graded = AttemptEnd::Verdict {
            outcome: Outcome::Passed,
            ending: Ending::Exited { code: 0 },
            trust: Trust::InProcess,
        };
        assert_eq!(ends, [(2, Some(graded)), (1, Some(AttemptEnd::HostFault))]);
        let newest = &record.attempts[0];
        assert_eq!((newest.agent.as_str(), newest.delivery), ("host-1", 1));
        assert_eq!(newest.image_digest.as_deref(), Some("sha256:1"));
        assert!(newest.started_at <= newest.finished_at.unwrap());
        assert_eq!(newest.timings.as_ref().map(|timings| timings.run_ms), Some(3));
        let how = newest.circumstances.as_ref().unwrap();
        assert_eq!(how.lesson_digest, record.lesson_digest);
        assert_eq!(how.submission_digest, record.submission_digest);
        assert_eq!((how.limits.wall_ms, how.memory.peak_bytes), (10_000, Some(50_000_000)));
        assert_eq!(how.host.kernel, "6.1");
        world.end().await;
    }
}

story! {
    async fn a_verdict_about_other_work_is_refused(world: World) {
        let (learner, other) = (world.learner().await, world.log_in("other").await);
        let mine = learner.open("double").await.id;
        let theirs = other.open("double").await.id;
        other.save(theirs, "double.py", 1, "something else").await;
        learner.hand_in(mine).await;
        other.hand_in(theirs).await;
        let agent = world.agent();
        let (first, second) = (agent.take(Lane::Grading).await, agent.take(Lane::Grading).await);
        let (attempt, _) = first.start_grading().await;
        second.start_grading().await;
        // An agent that mixes up two jobs.
        let mixed_up = second.result(attempt, passed());
        assert_eq!(first.post(mixed_up).await.problem(422), "invalid");
        let silent = json!({
            "attempt": attempt, "outcome": passed(), "timings": json!({ "container_ms": 1, "prepare_ms": 2, "run_ms": 3 }),
            "image_digest": "sha256:1",
        });
        assert_eq!(first.post(silent).await.problem(422), "invalid", "and one that does not say");
        first.finish(attempt, passed()).await.expect(200);
        world.end().await;
    }
}
