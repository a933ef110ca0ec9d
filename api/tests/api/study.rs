//! What a learner may read beside the work, and from when on.

use ide_protocol::rest::{Hint, LessonDetail, Solution, SolutionAccess};
use job_queue::Lane;
use serde_json::{Value, json};

use crate::support::agent::{failed, lesson_fault, passed};
use crate::support::{LearnerClient, World};

async fn detail(learner: &LearnerClient, slug: &str) -> LessonDetail {
    learner.http.get(&format!("/api/v1/lessons/{slug}")).await.is(200)
}

/// Hands in and grades it so.
async fn graded(world: &World, learner: &LearnerClient, slug: &str, outcome: Value) {
    let workspace = learner.open(slug).await.id;
    learner.hand_in(workspace).await;
    let job = world.agent().take(Lane::Grading).await;
    let (attempt, _) = job.start_grading().await;
    job.finish(attempt, outcome).await.expect(200);
    job.lease.complete().await.unwrap();
}

story! {
    async fn theory_is_shown_as_pages_and_nothing_in_it_runs(world: World) {
        let theory = detail(&world.learner().await, "double").await.theory;
        assert_eq!(theory.len(), 1);
        assert_eq!(theory[0].title, "Functions");
        assert!(theory[0].html.contains("<strong>returns</strong>"), "{}", theory[0].html);
        assert!(theory[0].html.contains("<pre data-lang=\"python\">"), "{}", theory[0].html);
        assert!(!theory[0].html.contains("script"), "{}", theory[0].html);
        world.end().await;
    }
}

story! {
    async fn visible_tests_can_be_read_before_the_first_run(world: World) {
        let answer = world.learner().await.http.get("/api/v1/lessons/double").await;
        let text = String::from_utf8_lossy(&answer.bytes);
        assert!(!text.contains("test_hidden"), "hidden tests are a number");
        let tests = answer.is::<LessonDetail>(200).tests;
        assert_eq!((tests.visible.len(), tests.hidden), (1, 1));
        assert_eq!(tests.visible[0].id, "test_double.test_two");
        let source = tests.visible[0].source.as_ref().expect("it is found");
        assert_eq!((source.path.as_str(), source.line), ("test_double.py", 4));
        assert_eq!(source.text, "def test_two():\n    assert double(2) == 4");
        world.end().await;
    }
}

story! {
    async fn hints_come_one_after_the_other_and_are_remembered(world: World) {
        let learner = world.learner().await;
        let hints = "/api/v1/lessons/double/hints";
        let ask = async |number: u32| learner.http.post(&format!("{hints}/{number}"), None).await;
        assert_eq!(ask(1).await.problem(422), "invalid");
        let workspace = learner.open("double").await.id;
        assert_eq!(ask(2).await.problem(403), "hint-locked");
        assert_eq!(learner.http.get(hints).await.is::<Vec<Hint>>(200), []);
        assert_eq!(ask(1).await.is::<Hint>(200).number, 1);
        let again = ask(1).await.is::<Hint>(200);
        assert_eq!(detail(&learner, "double").await.hints_shown, 1, "the same one is shown once");
        let second = ask(2).await;
        assert_eq!(second.expect(200).json(), json!({ "number": 2, "html": "<p>Use <code>return</code>.</p>\n" }));
        assert_eq!(learner.http.get(hints).await.is::<Vec<Hint>>(200), [again, second.is(200)]);
        assert_eq!(ask(1).await.is::<Hint>(200).number, 1);
        for nowhere in ["double/hints/0", "double/hints/3", "nothing/hints/1"] {
            learner.http.post(&format!("/api/v1/lessons/{nowhere}"), None).await.expect(404);
        }
        assert_eq!(detail(&world.log_in("other").await, "double").await.hints_shown, 0);
        let events = world.store().await.events_of(&format!("workspace:{workspace}"), 10).await.unwrap();
        let shown: Vec<_> = events.iter().filter(|event| event.kind == "hint_shown").map(|event| event.data.as_str()).collect();
        assert_eq!(shown, ["{\"number\":1}", "{\"number\":2}"]);
        world.end().await;
    }
}

story! {
    async fn a_solution_is_shown_once_the_lesson_is_passed(world: World) {
        let learner = world.learner().await;
        let workspace = learner.open("double").await.id;
        let solution = "/api/v1/lessons/double/solution";
        assert_eq!(learner.http.get(solution).await.problem(403), "solution-locked");
        graded(&world, &learner, "double", failed()).await;
        assert_eq!(learner.http.get(solution).await.problem(403), "solution-locked");
        let answer = learner.http.get("/api/v1/lessons/double").await;
        assert!(!String::from_utf8_lossy(&answer.bytes).contains("2 * n"), "not with the lesson either");
        assert_eq!(answer.is::<LessonDetail>(200).solution, SolutionAccess::AfterPassing);
        graded(&world, &learner, "double", passed()).await;
        assert_eq!(detail(&learner, "double").await.solution, SolutionAccess::Open);
        let shown: Solution = learner.http.get(solution).await.is(200);
        let files: Vec<_> = shown.files.iter().map(|file| (file.path.as_str(), file.content.as_bytes())).collect();
        assert_eq!(files, [("double.py", b"def double(n):\n    return 2 * n\n".as_slice())]);
        learner.http.get(solution).await.expect(200);
        assert_eq!(world.log_in("other").await.http.get(solution).await.problem(403), "solution-locked");
        let events = world.store().await.events_of(&format!("workspace:{workspace}"), 20).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.kind == "solution_shown").count(), 1, "remembered once");
        assert_eq!(learner.read(workspace, "double.py").await, "def double(n):\n    pass\n", "and nobody's work is touched");
        world.end().await;
    }
}

story! {
    async fn an_author_may_let_it_be_shown_after_so_many_hand_ins(world: World) {
        let learner = world.learner().await;
        let solution = "/api/v1/lessons/greet/solution";
        // What was not the learner's fault is no try of theirs.
        graded(&world, &learner, "greet", lesson_fault()).await;
        let ours = learner.hand_in(learner.open("greet").await.id).await.id;
        world.store().await.give_up_grading(ours, "we could not", 1).await.unwrap().unwrap();
        world.agent().take(Lane::Grading).await.lease.complete().await.unwrap();
        graded(&world, &learner, "greet", greeted_wrong()).await;
        let waiting = SolutionAccess::AfterHandIns { count: 2, graded: 1 };
        assert_eq!(detail(&learner, "greet").await.solution, waiting);
        let refused = learner.http.get(solution).await;
        assert_eq!(refused.problem(403), "solution-locked");
        assert!(refused.json()["detail"].as_str().unwrap().contains("handed in 2 times"));
        graded(&world, &learner, "greet", greeted_wrong()).await;
        assert_eq!(detail(&learner, "greet").await.solution, SolutionAccess::Open);
        learner.http.get(solution).await.expect(200);
        world.end().await;
    }
}

story! {
    async fn authors_and_graders_read_solutions_any_time(world: World) {
        for name in ["author", "grader", "admin"] {
            let somebody = world.log_in(name).await;
            assert_eq!(detail(&somebody, "double").await.solution, SolutionAccess::Open, "{name}");
            somebody.http.get("/api/v1/lessons/double/solution").await.expect(200);
        }
        world.end().await;
    }
}

fn greeted_wrong() -> Value {
    let mut outcome = failed();
    outcome["verdict"]["tests"][0]["id"] = json!("test_greet.test_two");
    outcome
}
