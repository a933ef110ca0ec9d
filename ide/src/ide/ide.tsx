// The lesson's screen: which panes there are and where they stand. Wide: side by side. Narrow: one at a time.
import { type ReactNode, useEffect, useRef, useState } from "react";
import { api, CLIENT_ID } from "../api/api";
import { EditorView, fetchAhead, HistoryPane, TerminalView, TestsPane } from "../chunks";
import type { AccountState } from "../state/account";
import type { Socket } from "../state/connection";
import { type Pane, type Side, Workbench } from "../state/workbench";
import { draftsOf, markPageOpen } from "../storage/drafts";
import { Link } from "../ui/link";
import { MessageScreen } from "../ui/message-screen";
import { Waiting } from "../ui/skeleton";
import { Split } from "../ui/split";
import { panelProps, Tabs } from "../ui/tabs";
import { useStore } from "../ui/use-store";
import { useWide } from "../ui/use-wide";
import { CodePane } from "./code-pane";
import { Header } from "./header";
import { LessonPane } from "./lesson-pane";
import { MachineLines } from "./machine-lines";
import { MachinePane } from "./machine-pane";
import { Notices } from "./notices";
import { StatusLine } from "./status-line";
import { UndoOffer } from "./undo-offer";
import { useAnnouncements } from "./use-announcements";
import "../styles/tabs.css";
import "../styles/reading.css";
import "../styles/results.css";
import "../styles/code.css";
import "../styles/assistance.css";
import "../styles/terminal.css";
import "../styles/durability.css";
// Last: where the screen is narrow it places the others' pieces anew.
import "../styles/frame.css";
import { words } from "../words/words";

interface Props {
  slug: string;
  account: AccountState;
  name: string;
  expired: boolean;
}

export default function Ide({ slug, account, name, expired }: Props) {
  const bench = useWorkbench(slug, account);
  const wide = useWide();
  useGlobalKeys(bench);
  useNetwork(bench);
  useKeeping(bench);

  // Logged in again over the page: everything that was refused goes on.
  const wasExpired = useRef(expired);
  useEffect(() => {
    if (wasExpired.current && !expired) bench.retryNow();
    wasExpired.current = expired;
  }, [expired, bench]);

  const { lesson, desk, problem } = useStore(bench.view);
  useAnnouncements(desk);
  // Not before: on a slow link they would keep the lesson's text waiting.
  const readable = lesson !== null;
  useEffect(() => {
    if (readable) fetchAhead([EditorView, TerminalView, TestsPane, HistoryPane]);
  }, [readable]);
  if (problem && !lesson) return <NoLesson problem={problem} retry={bench.retryNow} />;
  return (
    <div className="ide">
      <Header bench={bench} account={account} name={name} />
      <div className="notices">
        <MachineLines bench={bench} />
        <Notices bench={bench} />
      </div>
      {wide ? <WidePanes bench={bench} /> : <NarrowPanes bench={bench} />}
      <UndoOffer bench={bench} />
      <StatusLine bench={bench} />
    </div>
  );
}

function NoLesson({ problem, retry }: { problem: string; retry: () => void }) {
  return (
    <MessageScreen
      title={words.ide.cannotOpen}
      actions={
        <>
          <button type="button" className="primary" onClick={retry}>
            {words.app.tryAgain}
          </button>
          <Link to="/" className="button">
            {words.app.allLessons}
          </Link>
        </>
      }
    >
      <p role="alert">{problem}</p>
    </MessageScreen>
  );
}

function openSocket(path: string): Socket {
  const url = new URL(path, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(url) as Socket;
}

function useWorkbench(slug: string, account: AccountState): Workbench {
  const [bench] = useState(() => {
    const who = account.view.get();
    const owner = who.type === "in" ? who.account.id : "";
    return new Workbench(slug, api, openSocket, workspace => draftsOf(owner, workspace, CLIENT_ID));
  });
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => bench.hasUnsaved() && event.preventDefault();
    addEventListener("beforeunload", warn);
    void bench.load();
    // The lesson may be left, but not yet the page, while its last changes are under way.
    return () => void bench.leave().then(() => removeEventListener("beforeunload", warn));
  }, [bench]);
  return bench;
}

/** Ctrl-Enter or Cmd-Enter runs the tests wherever the focus is, before editor or terminal see the key. */
function useGlobalKeys(bench: Workbench): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
      event.preventDefault();
      event.stopPropagation();
      bench.runTests();
    };
    addEventListener("keydown", pressed, { capture: true });
    return () => removeEventListener("keydown", pressed, { capture: true });
  }, [bench]);
}

function useNetwork(bench: Workbench): void {
  useEffect(() => {
    addEventListener("online", bench.retryNow);
    addEventListener("offline", bench.networkLost);
    return () => {
      removeEventListener("online", bench.retryNow);
      removeEventListener("offline", bench.networkLost);
    };
  }, [bench]);
}

/** A page that is hidden may never be shown again: telephones end it without a word. */
function useKeeping(bench: Workbench): void {
  useEffect(() => {
    markPageOpen(CLIENT_ID);
    const hidden = () => document.visibilityState === "hidden" && bench.keepNow();
    document.addEventListener("visibilitychange", hidden);
    addEventListener("pagehide", bench.keepNow);
    return () => {
      document.removeEventListener("visibilitychange", hidden);
      removeEventListener("pagehide", bench.keepNow);
    };
  }, [bench]);
}

function WidePanes({ bench }: { bench: Workbench }) {
  const code = (
    <Split
      id="code-terminal"
      label={words.ide.editorHeight}
      direction="column"
      initial={62}
      min={20}
      max={85}
      first={<CodePane bench={bench} />}
      second={<MachinePane bench={bench} />}
    />
  );
  return (
    <main className="panes">
      <Split
        id="side-code"
        label={words.ide.lessonWidth}
        direction="row"
        initial={36}
        min={20}
        max={60}
        first={<SidePane bench={bench} />}
        second={code}
      />
    </main>
  );
}

const SIDES: { id: Side; label: string }[] = [
  { id: "lesson", label: words.ide.lessonTab },
  { id: "tests", label: words.ide.testsTab },
  { id: "history", label: words.ide.historyTab },
];

function SidePane({ bench }: { bench: Workbench }) {
  const { side } = useStore(bench.front);
  const content = {
    lesson: <LessonPane bench={bench} />,
    tests: <TestsPane bench={bench} meanwhile={<Waiting for={words.lesson.fetching} />} />,
    history: <HistoryPane bench={bench} meanwhile={<Waiting for={words.durability.fetchingHistory} />} />,
  };
  return (
    <div className="side">
      <Tabs
        label={words.ide.sideTabs}
        id="side"
        items={SIDES}
        selected={side}
        select={id => bench.showSide(id as Side)}
      />
      <div className="side-body" {...panelProps("side", side)}>
        {content[side]}
      </div>
    </div>
  );
}

const PANES: { id: Pane; label: string }[] = [
  { id: "lesson", label: words.ide.lessonTab },
  { id: "code", label: words.ide.codeTab },
  { id: "terminal", label: words.ide.terminalTab },
  { id: "tests", label: words.ide.testsTab },
];

/** All panes stay alive behind the one in front, so that switching keeps the cursor and the shell where they are. */
function NarrowPanes({ bench }: { bench: Workbench }) {
  const { pane, side } = useStore(bench.front);
  const results =
    side === "history" ? (
      <HistoryPane bench={bench} meanwhile={<Waiting for={words.durability.fetchingHistory} />} />
    ) : (
      <TestsPane bench={bench} meanwhile={<Waiting for={words.lesson.fetching} />} />
    );
  const content: Record<Pane, ReactNode> = {
    lesson: <LessonPane bench={bench} />,
    code: <CodePane bench={bench} />,
    terminal: <MachinePane bench={bench} />,
    tests: (
      <>
        <Tabs
          label={words.ide.resultTabs}
          id="results"
          items={SIDES.slice(1)}
          selected={side === "history" ? "history" : "tests"}
          select={id => bench.showSide(id as Side)}
        />
        <div className="narrow-body" {...panelProps("results", side === "history" ? "history" : "tests")}>
          {results}
        </div>
      </>
    ),
  };
  return (
    <main className="panes narrow">
      {PANES.map(({ id }) => (
        <div key={id} className="narrow-pane" data-pane={id} hidden={id !== pane} {...panelProps("panes", id)}>
          {content[id]}
        </div>
      ))}
      <Tabs
        className="bottom"
        label={words.ide.paneTabs}
        id="panes"
        items={PANES}
        selected={pane}
        select={id => bench.showPane(id as Pane)}
      />
    </main>
  );
}
