// Which screen is shown: by who is logged in, then by the address.
import { useEffect, useRef } from "react";
import { Ide, LessonsScreen, Mentor } from "./chunks";
import type { Account } from "./protocol/generated";
import { LoginAgain, LoginScreen } from "./screens/login";
import { OpeningLesson } from "./screens/opening";
import type { AccountState } from "./state/account";
import { announce } from "./state/announcements";
import { type Route, route } from "./state/route";
import { Announcer } from "./ui/announcer";
import { Link } from "./ui/link";
import { Mark } from "./ui/mark";
import { MessageScreen } from "./ui/message-screen";
import { onReturn } from "./ui/on-return";
import { PageDialogs } from "./ui/page-dialogs";
import { Waiting } from "./ui/skeleton";
import { focusMain, SkipLink } from "./ui/skip-link";
import { useStore } from "./ui/use-store";
import { words } from "./words/words";

export function App({ account }: { account: AccountState }) {
  const view = useStore(account.view);

  switch (view.type) {
    case "asking":
      return <Asking />;
    case "out":
      return <LoginScreen account={account} />;
    case "unreachable":
      return <Unreachable problem={view.problem} retry={account.load} />;
    case "in":
      return (
        <>
          <SkipLink />
          <Screen account={account} me={view.account} expired={view.expired} />
          <PageDialogs />
          <Announcer />
          {view.expired && <LoginAgain account={account} />}
        </>
      );
  }
}

function Screen({ account, me, expired }: { account: AccountState; me: Account; expired: boolean }) {
  const here = useStore(route);
  const { name } = me;
  useArrival(here);
  if (here.screen === "lesson") {
    return (
      <Ide
        key={here.slug}
        slug={here.slug}
        account={account}
        name={name}
        expired={expired}
        meanwhile={<OpeningLesson />}
      />
    );
  }
  if (here.screen === "mentor" && mayLookOn(me)) {
    return <Mentor account={account} me={me} session={here.session} meanwhile={<Asking />} />;
  }
  if (here.screen === "lessons") {
    return <LessonsScreen account={account} name={name} mentor={mayLookOn(me)} meanwhile={<Asking />} />;
  }
  return <Lost />;
}

function mayLookOn({ role }: Account): boolean {
  return role === "grader" || role === "admin";
}

/** Another screen: the keyboard goes on from its top, and a screen reader hears where it is. */
function useArrival(here: Route): void {
  const before = useRef(here);
  useEffect(() => {
    const arrived = !isSameScreen(before.current, here);
    before.current = here;
    if (!arrived) return;
    focusMain();
    announce(document.title);
  }, [here]);
}

/** A lesson's pages are turned within its screen. */
function isSameScreen(a: Route, b: Route): boolean {
  return a.screen === b.screen && (a.screen !== "lesson" || b.screen !== "lesson" || a.slug === b.slug);
}

/** Who asks is known in a moment; a slow link reads what it waits for. */
function Asking() {
  return (
    <main className="login">
      <Mark size={28} />
      <Waiting for={words.app.asking} />
    </main>
  );
}

function Unreachable({ problem, retry }: { problem: string; retry: () => void }) {
  useEffect(() => onReturn(retry), [retry]);
  return (
    <MessageScreen
      title={words.app.unreachable}
      actions={
        <button type="button" className="primary" onClick={retry}>
          {words.app.tryAgain}
        </button>
      }
    >
      <p role="alert">
        {problem} {words.app.workIsSafe}
      </p>
    </MessageScreen>
  );
}

function Lost() {
  return (
    <MessageScreen
      title={words.app.nothingHere}
      actions={
        <Link to="/" className="button primary">
          {words.app.allLessons}
        </Link>
      }
    >
      <p>{words.app.nothingHereMore}</p>
    </MessageScreen>
  );
}
