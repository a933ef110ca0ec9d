// One learner's session, looked on: files as they are stored, terminals as they run, the last run; and a finger to point.
import { useEffect, useState } from "react";
import { api, CLIENT_ID } from "../api/api";
import { TerminalView } from "../chunks";
import type { Socket } from "../state/connection";
import type { LiveSession } from "../state/live-session";
import { MentorSession } from "../state/mentor-session";
import { mentorPath } from "../state/route";
import { connectionWords, statusWord } from "../state/words";
import { Link } from "../ui/link";
import { panelProps, Tabs } from "../ui/tabs";
import { useNow } from "../ui/use-now";
import { useStore } from "../ui/use-store";
import { screenWords } from "../words/mentor-screens";
import { words } from "../words/words";
import "../styles/tabs.css";
import "../styles/terminal.css";

/** Lines shown of a file; what is longer is data. */
const MAX_LINES = 2_000;

function openSocket(path: string): Socket {
  const url = new URL(path, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(url) as Socket;
}

export function MentorSessionScreen({ session, me }: { session: string; me: string }) {
  const mentor = useMentor(session, me);
  const { phase, listed } = useStore(mentor.view);
  const live = useStore(mentor.live);
  return (
    <main className="mentor-session">
      <div className="mentor-head">
        <h1>{listed ? `${listed.learner} · ${listed.title}` : screenWords.title}</h1>
        <Link to={mentorPath()} className="button">
          {screenWords.toList}
        </Link>
        {phase.type === "looking" && (
          <button type="button" onClick={() => void mentor.leave()}>
            {screenWords.leave}
          </button>
        )}
      </div>
      {phase.type === "looking" && live ? <Looking mentor={mentor} live={live} /> : <Outside mentor={mentor} />}
    </main>
  );
}

function useMentor(session: string, me: string): MentorSession {
  const [leaving] = useState(() => new AbortController());
  const [mentor] = useState(() => new MentorSession(api, openSocket, session, me, CLIENT_ID, leaving.signal));
  useEffect(() => {
    void mentor.load();
    return () => leaving.abort();
  }, [mentor, leaving]);
  return mentor;
}

function Outside({ mentor }: { mentor: MentorSession }) {
  const { phase, listed } = useStore(mentor.view);
  if (phase.type === "looking_up" || phase.type === "looking") return <p role="status">{screenWords.fetching}</p>;
  if (phase.type === "ended") return <p role="status">{screenWords.ended}</p>;
  if (phase.type === "problem") {
    return (
      <p className="problem" role="alert">
        {phase.why}{" "}
        <button type="button" onClick={() => void mentor.load()}>
          {words.app.tryAgain}
        </button>
      </p>
    );
  }
  const told = {
    asked: screenWords.asked(listed?.learner ?? ""),
    refused: screenWords.refused,
    ended: screenWords.over,
  };
  const text = phase.state && phase.state !== "allowed" ? told[phase.state] : screenWords.lead;
  return (
    <div className="mentor-outside">
      <p role="status">{text}</p>
      {phase.state === "asked" ? (
        <button type="button" onClick={() => void mentor.leave()}>
          {screenWords.withdraw}
        </button>
      ) : (
        <button type="button" className="primary" onClick={() => void mentor.ask()}>
          {screenWords.ask}
        </button>
      )}
    </div>
  );
}

function Looking({ mentor, live }: { mentor: MentorSession; live: LiveSession }) {
  const session = useStore(live.view);
  return (
    <>
      <p className="muted" role="status">
        {connectionWords(session, useNow(1_000))}
      </p>
      <div className="mentor-panes">
        <Files mentor={mentor} />
        <Shells live={live} />
      </div>
      <LastRun live={live} />
    </>
  );
}

function Files({ mentor }: { mentor: MentorSession }) {
  const { paths, open, file, problem, place } = useStore(mentor.files);
  return (
    <section className="mentor-files" aria-label={screenWords.files}>
      <Tabs
        label={screenWords.files}
        id="mentor-files"
        items={paths.map(path => ({ id: path, name: path, label: path }))}
        selected={open}
        select={path => void mentor.chooseFile(path)}
      />
      <div className="mentor-file" {...(open ? panelProps("mentor-files", open) : {})}>
        {problem && <p className="problem">{problem}</p>}
        {!open && <p className="empty">{screenWords.noFile}</p>}
        {file && file.content.encoding !== "text" && <p className="empty">{screenWords.notText}</p>}
        {file?.content.encoding === "text" && (
          <Lines
            path={file.path}
            text={file.content.data}
            pointed={place?.path === file.path ? place.line : null}
            point={mentor.point}
          />
        )}
      </div>
      <p className="muted" role="status">
        {place ? screenWords.pointing(place.path, place.line) : screenWords.howToPoint}{" "}
        {place && (
          <button type="button" className="small" onClick={() => mentor.point(null)}>
            {screenWords.takeBack}
          </button>
        )}
      </p>
    </section>
  );
}

interface LinesProps {
  path: string;
  text: string;
  pointed: number | null;
  point: (line: number) => void;
}

/** One tab stop for all numbers; the arrow keys go from line to line. */
function Lines({ path, text, pointed, point }: LinesProps) {
  const [at, setAt] = useState(1);
  const all = text.split(/\r?\n/);
  const lines = all.slice(0, MAX_LINES);
  const current = Math.min(at, lines.length);
  const step = (event: React.KeyboardEvent<HTMLOListElement>) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = Math.min(Math.max(1, current + by), lines.length);
    setAt(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-line="${next}"]`)?.focus();
  };
  return (
    <>
      <ol className="mentor-lines" aria-label={screenWords.fileNow(path)} onKeyDown={step}>
        {lines.map((line, index) => {
          const number = index + 1;
          return (
            <li key={number} data-pointed={pointed === number}>
              <button
                type="button"
                className="mentor-number"
                data-line={number}
                aria-label={screenWords.pointAt(number)}
                aria-pressed={pointed === number}
                tabIndex={number === current ? 0 : -1}
                onFocus={() => setAt(number)}
                onClick={() => point(number)}
              >
                {number}
              </button>
              <code>{line}</code>
            </li>
          );
        })}
      </ol>
      {all.length > lines.length && <p className="muted">{screenWords.cut(MAX_LINES)}</p>}
    </>
  );
}

function Shells({ live: { terminals } }: { live: LiveSession }) {
  const { list, selected } = useStore(terminals.view);
  const items = list.map(({ id, key }) => ({
    id: String(key),
    name: words.terminal.title(id),
    label: words.terminal.tab(id),
  }));
  return (
    <section className="terminals" aria-label={words.terminal.list}>
      <Tabs
        label={words.terminal.list}
        id="mentor-terminals"
        items={items}
        selected={selected === null ? null : String(selected)}
        select={key => terminals.select(Number(key))}
      />
      {list.map(one => (
        <div
          key={one.key}
          className="terminal-slot"
          hidden={one.key !== selected}
          {...panelProps("mentor-terminals", String(one.key))}
        >
          <TerminalView
            terminals={terminals}
            id={one.id}
            of={one.key}
            shown={one.key === selected}
            finding={false}
            find={() => {}}
            leave={() => {}}
            meanwhile={<p className="waiting muted">{words.terminal.fetching}</p>}
          />
        </div>
      ))}
      {list.length === 0 && <p className="empty">{screenWords.noTerminal}</p>}
    </section>
  );
}

function LastRun({ live: { runs } }: { live: LiveSession }) {
  const { phase, tests } = useStore(runs.view);
  if (phase === "none") return null;
  const passed = tests.filter(({ status }) => status === "passed").length;
  return (
    <section className="mentor-run" aria-label={words.ide.testsTab}>
      <p role="status">{phase === "running" ? screenWords.running : screenWords.run(passed, tests.length)}</p>
      <ul>
        {tests.map(({ id, name, status }) => (
          <li key={id}>
            {name}: {statusWord(status)}
          </li>
        ))}
      </ul>
    </section>
  );
}
