// The lesson list: what is next first, then the courses as rows of steps.
import { Check, Circle, CircleDot } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { api, type LessonSummary } from "../api/api";
import { reasonOf } from "../api/http";
import { EditorView, fetchAhead, Ide, TerminalView } from "../chunks";
import type { Progress } from "../protocol/generated";
import type { AccountState } from "../state/account";
import { byCourse, type Course, LESSON_LANGUAGE, nextUp } from "../state/lesson-list";
import { lessonPath, mentorPath } from "../state/route";
import { languageName } from "../state/words";
import { AccountMenu } from "../ui/account-menu";
import { Link } from "../ui/link";
import { Mark } from "../ui/mark";
import { onReturn } from "../ui/on-return";
import { SkeletonRows, Waiting } from "../ui/skeleton";
import { Steps } from "../ui/steps";
import { words } from "../words/words";

interface Props {
  account: AccountState;
  name: string;
  /** May look on where others work. */
  mentor: boolean;
}

export default function LessonsScreen({ account, name, mentor }: Props) {
  const { lessons, problem, retry } = useLessons();
  useEffect(() => fetchAhead([Ide, EditorView, TerminalView]), []);
  return (
    <div className="page">
      <title>{`${words.lessons.title} · Gradus`}</title>
      <header className="bar">
        <Link to="/" className="brand">
          <Mark /> Gradus
        </Link>
        <span className="grow" />
        {mentor && <Link to={mentorPath()}>{words.mentor.link}</Link>}
        <AccountMenu account={account} name={name} />
      </header>
      <main className="lessons">
        <h1>{words.lessons.title}</h1>
        {problem && (
          <p className="problem" role="alert">
            {problem}{" "}
            <button type="button" onClick={retry}>
              {words.app.tryAgain}
            </button>
          </p>
        )}
        {lessons ? <LessonList lessons={lessons} /> : !problem && <Fetching />}
      </main>
    </div>
  );
}

/** About as many rows as a screen shows. */
const SKELETON_ROWS = 7;

function Fetching() {
  return (
    <>
      <Waiting for={words.lessons.fetching} />
      <SkeletonRows count={SKELETON_ROWS} />
    </>
  );
}

function useLessons() {
  const [lessons, setLessons] = useState<LessonSummary[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `tries` is there to fetch again
  useEffect(() => {
    const leaving = new AbortController();
    setProblem(null);
    api.lessons(leaving.signal).then(setLessons, why => leaving.signal.aborted || setProblem(reasonOf(why)));
    return () => leaving.abort();
  }, [tries]);
  useEffect(() => (problem ? onReturn(() => setTries(now => now + 1)) : undefined), [problem]);
  return { lessons, problem, retry: () => setTries(tries + 1) };
}

function LessonList({ lessons }: { lessons: LessonSummary[] }) {
  if (lessons.length === 0) {
    return (
      <div className="nothing">
        <Mark size={28} />
        <p>{words.lessons.none}</p>
      </div>
    );
  }
  const next = nextUp(lessons);
  const passed = lessons.filter(lesson => lesson.progress === "passed").length;
  return (
    <>
      <p className="lead">{passed === 0 ? words.lessons.lead : words.lessons.passedOf(passed, lessons.length)}</p>
      {next && <NextUp lesson={next} />}
      {byCourse(lessons).map(course => (
        <CourseRows key={course.name} course={course} />
      ))}
    </>
  );
}

function NextUp({ lesson }: { lesson: LessonSummary }) {
  return (
    <Link to={lessonPath(lesson.slug)} className="next-up">
      <span className="eyebrow">{lesson.progress === "started" ? words.lessons.goOn : words.lessons.next}</span>
      <span className="next-title" lang={LESSON_LANGUAGE}>
        {lesson.title}
      </span>
      <span className="muted">
        <span lang={LESSON_LANGUAGE}>{lesson.summary}</span> {words.lessons.about(lesson.time_budget_minutes)}
      </span>
    </Link>
  );
}

function CourseRows({ course }: { course: Course }) {
  const passed = course.lessons.filter(lesson => lesson.progress === "passed").length;
  const heading = useId();
  return (
    <section className="course" aria-labelledby={heading}>
      <div className="course-head">
        <h2 id={heading} lang={LESSON_LANGUAGE}>
          {course.name}
        </h2>
        <Steps lessons={course.lessons} />
        <span className="muted">{words.lessons.passedOf(passed, course.lessons.length)}</span>
      </div>
      <ol>
        {course.lessons.map(lesson => (
          <li key={lesson.slug}>
            <Link to={lessonPath(lesson.slug)} className="lesson-row">
              <ProgressMark progress={lesson.progress} />
              <span className="lesson-text">
                <span className="lesson-title" lang={LESSON_LANGUAGE}>
                  {lesson.title}
                </span>
                <span className="muted" lang={LESSON_LANGUAGE}>
                  {lesson.summary}
                </span>
              </span>
              <span className="lesson-side muted">
                {lesson.progress !== "not_started" && (
                  <span className="progress-word" data-progress={lesson.progress} aria-hidden="true">
                    {words.lessons.progress[lesson.progress]}
                  </span>
                )}
                <span translate="no">{languageName(lesson.language)}</span>
                <span>{words.lessons.minutes(lesson.time_budget_minutes)}</span>
              </span>
            </Link>
          </li>
        ))}
      </ol>
    </section>
  );
}

const MARKS: Record<Progress, typeof Check> = { passed: Check, started: CircleDot, not_started: Circle };

function ProgressMark({ progress }: { progress: Progress }) {
  const Icon = MARKS[progress];
  return (
    <span className="progress-mark" data-progress={progress}>
      <Icon size={16} aria-hidden="true" />
      <span className="sr-only">{words.lessons.progress[progress]}</span>
    </span>
  );
}
