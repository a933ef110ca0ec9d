// The top line: where one is, whether it is saved, and the two buttons.
import { Play, Send, Square } from "lucide-react";
import type { LessonDetail } from "../protocol/generated";
import type { AccountState } from "../state/account";
import { LESSON_LANGUAGE } from "../state/lesson-list";
import { isUnderWay } from "../state/runs";
import type { Desk, Workbench } from "../state/workbench";
import { AccountMenu } from "../ui/account-menu";
import { Link } from "../ui/link";
import { Mark } from "../ui/mark";
import { Steps } from "../ui/steps";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { SaveState } from "./save-state";

const ON_A_MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function Header({ bench, account, name }: { bench: Workbench; account: AccountState; name: string }) {
  const { lesson, desk } = useStore(bench.view);
  return (
    <header className="bar">
      <title>{lesson ? `${lesson.title} · Gradus` : "Gradus"}</title>
      <Link to="/" className="brand">
        <Mark /> <span className="brand-name">Gradus</span>
        <span className="sr-only">, {words.ide.allLessons}</span>
      </Link>
      <nav className="crumbs" aria-label={words.ide.whereYouAre}>
        <Link to="/" className="crumb-course">
          {lesson ? <span lang={LESSON_LANGUAGE}>{lesson.course}</span> : words.ide.lessons}
        </Link>
        <span className="crumb-between" aria-hidden="true">
          ›
        </span>
        <h1 lang={LESSON_LANGUAGE}>
          {lesson ? `${lesson.position}. ${lesson.title}` : <span className="muted">{words.app.openingLesson}</span>}
        </h1>
        {lesson && <CourseSteps bench={bench} lesson={lesson} />}
      </nav>
      <span className="grow" />
      {desk && <SaveState desk={desk} />}
      {desk && <Buttons bench={bench} desk={desk} />}
      <AccountMenu account={account} name={name} />
    </header>
  );
}

/** The course as steps, this lesson marked. */
function CourseSteps({ bench, lesson }: { bench: Workbench; lesson: LessonDetail }) {
  const course = useStore(bench.course);
  const passed = course.filter(({ progress }) => progress === "passed").length;
  if (course.length < 2) return null;
  return (
    <>
      <Steps lessons={course} here={lesson.slug} />
      <span className="sr-only">{words.lessons.passedOf(passed, course.length)}</span>
    </>
  );
}

function Buttons({ bench, desk }: { bench: Workbench; desk: Desk }) {
  const run = useStore(desk.session.runs.view);
  // Drawn again with each change; whether one is under way is the module's to say.
  useStore(desk.submissions.view);
  const running = isUnderWay(run);
  const handingIn = desk.submissions.underWay();
  return (
    <>
      {running ? (
        <button type="button" onClick={desk.session.runs.stop}>
          <Square size={14} aria-hidden="true" /> {words.ide.stop}
        </button>
      ) : (
        <button
          type="button"
          onClick={bench.runTests}
          aria-keyshortcuts="Control+Enter Meta+Enter"
          aria-label={words.ide.runTests}
        >
          <Play size={14} aria-hidden="true" /> <span>{words.ide.runTests}</span>
          <kbd>{ON_A_MAC ? words.ide.runKeysMac : words.ide.runKeys}</kbd>
        </button>
      )}
      <button type="button" className="primary" onClick={() => void bench.handIn()} aria-disabled={handingIn}>
        <Send size={14} aria-hidden="true" /> {words.ide.handIn}
      </button>
    </>
  );
}
