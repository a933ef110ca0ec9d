// The lesson's pages: the task with its hints, then the theory. The address names the page.
import { useEffect, useRef } from "react";
import type { LessonDetail } from "../protocol/generated";
import { LESSON_LANGUAGE } from "../state/lesson-list";
import { type LessonPage, pageAt, pagesOf } from "../state/lesson-pages";
import { lessonPath, route } from "../state/route";
import type { Workbench } from "../state/workbench";
import { Link } from "../ui/link";
import { ServerHtml } from "../ui/server-html";
import { SkeletonText, Waiting } from "../ui/skeleton";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { HintList } from "./hint-list";
import { Onward } from "./onward";

export function LessonPane({ bench }: { bench: Workbench }) {
  const { lesson } = useStore(bench.view);
  const here = useStore(route);
  if (!lesson)
    return (
      <div className="reading">
        <Waiting for={words.lesson.fetching} />
        <SkeletonText />
      </div>
    );
  return <Pages bench={bench} lesson={lesson} number={here.screen === "lesson" ? here.page : 0} />;
}

function Pages({ bench, lesson, number }: { bench: Workbench; lesson: LessonDetail; number: number }) {
  const pages = pagesOf(lesson);
  const { previous, current, next } = pageAt(pages, number);
  const place = useRef<HTMLElement>(null);

  // Turned a page: reading goes on at its top, for eyes and for screen readers.
  const shown = useRef(current.number);
  useEffect(() => {
    if (shown.current === current.number) return;
    shown.current = current.number;
    place.current?.scrollIntoView({ block: "start" });
    place.current?.focus({ preventScroll: true });
  }, [current.number]);

  return (
    <article className="reading" aria-label={titleOf(current)} ref={place} tabIndex={-1}>
      {pages.length > 1 && <Contents slug={lesson.slug} pages={pages} current={current} />}
      <ServerHtml html={current.html} />
      {current.number === 0 && <HintList hints={bench.hints} total={lesson.hints} />}
      {pages.length > 1 && <TurnPage slug={lesson.slug} previous={previous} next={next} />}
      {current.number === 0 && lesson.progress === "passed" && <Onward bench={bench} lesson={lesson} again />}
    </article>
  );
}

interface ContentsProps {
  slug: string;
  pages: LessonPage[];
  current: LessonPage;
}

function Contents({ slug, pages, current }: ContentsProps) {
  return (
    <nav className="contents" aria-label={words.lesson.contents}>
      <ol>
        {pages.map(page => (
          <li key={page.number} lang={page.title === null ? undefined : LESSON_LANGUAGE}>
            <Link to={lessonPath(slug, page.number)} current={page === current}>
              {titleOf(page)}
            </Link>
          </li>
        ))}
      </ol>
    </nav>
  );
}

interface TurnPageProps {
  slug: string;
  previous: LessonPage | null;
  next: LessonPage | null;
}

function TurnPage({ slug, previous, next }: TurnPageProps) {
  return (
    <nav className="turn-page" aria-label={words.lesson.turnPage}>
      {previous && (
        <Link to={lessonPath(slug, previous.number)} className="turn previous">
          <span className="muted">{words.lesson.previousPage}</span> <PageTitle page={previous} />
        </Link>
      )}
      {next && (
        <Link to={lessonPath(slug, next.number)} className="turn next">
          <span className="muted">{words.lesson.nextPage}</span> <PageTitle page={next} />
        </Link>
      )}
    </nav>
  );
}

function PageTitle({ page }: { page: LessonPage }) {
  return <span lang={page.title === null ? undefined : LESSON_LANGUAGE}>{titleOf(page)}</span>;
}

const titleOf = (page: LessonPage): string => page.title ?? words.lesson.task;
