// Looking on: the list of lessons that are open right now, and one of them. For graders and administrators.
import { useCallback, useEffect, useState } from "react";
import { api, type LiveFilter } from "../api/api";
import { reasonOf } from "../api/http";
import type { Account, LiveSession, LiveSessions } from "../protocol/generated";
import type { AccountState } from "../state/account";
import { mentorPath } from "../state/route";
import { AccountMenu } from "../ui/account-menu";
import { Link } from "../ui/link";
import { Mark } from "../ui/mark";
import { screenWords } from "../words/mentor-screens";
import { words } from "../words/words";
import { MentorSessionScreen } from "./mentor-session";
import "../styles/mentor.css";

/** How often the list looks again by itself. */
const LOOK_EVERY_MS = 5_000;

interface Props {
  account: AccountState;
  me: Account;
  /** One of the sessions, or the list. */
  session: string | null;
}

export default function MentorScreen({ account, me, session }: Props) {
  return (
    <div className="page mentor">
      <title>{`${screenWords.title} · Gradus`}</title>
      <header className="bar">
        <Link to="/" className="brand">
          <Mark /> Gradus
        </Link>
        <span className="grow" />
        <AccountMenu account={account} name={me.name} />
      </header>
      {session ? <MentorSessionScreen key={session} session={session} me={me.id} /> : <List />}
    </div>
  );
}

function filterHere(): LiveFilter {
  const asked = new URLSearchParams(location.search);
  const filter: LiveFilter = {};
  for (const name of ["lesson", "learner", "state"] as const) {
    const value = asked.get(name);
    if (value) filter[name] = value;
  }
  return filter;
}

function useLive(filter: LiveFilter) {
  const [live, setLive] = useState<LiveSessions | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const query = new URLSearchParams(filter).toString();
  const load = useCallback(
    async (signal: AbortSignal) => {
      try {
        setLive(await api.liveSessions(Object.fromEntries(new URLSearchParams(query)), signal));
        setProblem(null);
      } catch (why) {
        if (!signal.aborted) setProblem(reasonOf(why));
      }
    },
    [query],
  );
  useEffect(() => {
    const leaving = new AbortController();
    void load(leaving.signal);
    const timer = setInterval(() => void load(leaving.signal), LOOK_EVERY_MS);
    return () => {
      leaving.abort();
      clearInterval(timer);
    };
  }, [load]);
  return { live, problem };
}

/** In the address bar, so that a list can be kept and sent. */
function useFilter() {
  const [filter, setFilter] = useState(filterHere);
  useEffect(() => {
    const read = () => setFilter(filterHere());
    addEventListener("popstate", read);
    return () => removeEventListener("popstate", read);
  }, []);
  const choose = (next: LiveFilter) => {
    const query = new URLSearchParams(Object.entries(next).filter(([, value]) => value)).toString();
    // The same screen still: no new entry for every letter, and the keyboard stays where it is.
    history.replaceState(null, "", query ? `${mentorPath()}?${query}` : mentorPath());
    setFilter(filterHere());
  };
  return { filter, choose };
}

function List() {
  const { filter, choose } = useFilter();
  const { live, problem } = useLive(filter);
  const filtered = Object.keys(filter).length > 0;
  return (
    <main className="mentor-list">
      <h1>{screenWords.title}</h1>
      <p className="muted">{screenWords.lead}</p>
      <Filters filter={filter} choose={choose} />
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      {!live && !problem && <p role="status">{screenWords.fetching}</p>}
      {live?.sessions.length === 0 && <Nobody filtered={filtered} showAll={() => choose({})} />}
      {live && live.sessions.length > 0 && <Rows sessions={live.sessions} />}
      {live?.more && <p className="muted">{screenWords.more}</p>}
    </main>
  );
}

function Nobody({ filtered, showAll }: { filtered: boolean; showAll: () => void }) {
  return (
    <p className="empty" role="status">
      {filtered ? screenWords.emptyFiltered : screenWords.empty}{" "}
      {filtered ? (
        <button type="button" onClick={showAll}>
          {screenWords.showAll}
        </button>
      ) : (
        screenWords.emptyMore
      )}
    </p>
  );
}

function Filters({ filter, choose: chooseAll }: { filter: LiveFilter; choose: (next: LiveFilter) => void }) {
  const choose = (change: LiveFilter) => chooseAll({ ...filter, ...change });
  return (
    <div className="mentor-filters">
      <label>
        {screenWords.learner}
        <input value={filter.learner ?? ""} onChange={event => choose({ learner: event.target.value })} />
      </label>
      <label>
        {screenWords.lesson}
        <input
          value={filter.lesson ?? ""}
          placeholder={screenWords.anyLesson}
          onChange={event => choose({ lesson: event.target.value })}
        />
      </label>
      <label>
        {screenWords.state}
        <select value={filter.state ?? ""} onChange={event => choose({ state: event.target.value })}>
          <option value="">{screenWords.anyState}</option>
          {(["ready", "starting", "queued"] as const).map(state => (
            <option key={state} value={state}>
              {screenWords.states[state]}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

function Rows({ sessions }: { sessions: LiveSession[] }) {
  return (
    <ul className="mentor-rows" aria-label={screenWords.title}>
      {sessions.map(session => (
        <li key={session.id}>
          <Link to={mentorPath(session.id)} className="mentor-row">
            <span className="mentor-who">{session.learner}</span>
            <span className="mentor-what">{session.title}</span>
            <span className="muted">{screenWords.states[session.state.type]}</span>
            <span className="muted">{words.format.ago(-session.age_seconds * 1000, 0)}</span>
            <span className="mentor-do">{wordFor(session)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function wordFor({ watching }: LiveSession): string {
  if (watching === "allowed") return screenWords.open;
  return watching === "asked" ? screenWords.waits : screenWords.ask;
}
