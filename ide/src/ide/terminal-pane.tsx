// The learner's terminals as tabs, and what to read while there is none.
import { Eraser, Plus, Search } from "lucide-react";
import { type ReactNode, useState } from "react";
import { TerminalView } from "../chunks";
import type { SessionView } from "../state/live-session";
import type { TerminalView as Terminal, Terminals } from "../state/terminals";
import { exitSentence } from "../state/words";
import type { Desk, Workbench } from "../state/workbench";
import { focusTab, panelProps, Tabs } from "../ui/tabs";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { TerminalKeys } from "./terminal-keys";

interface Props {
  bench: Workbench;
  /** What stands at the end of the bar. */
  aside?: ReactNode;
}

export function TerminalPane({ bench, aside }: Props) {
  const { desk } = useStore(bench.view);
  return desk ? (
    <TerminalTabs desk={desk} aside={aside} />
  ) : (
    <p className="waiting muted">{words.terminal.askedWithFiles}</p>
  );
}

function TerminalTabs({ desk, aside }: { desk: Desk; aside: ReactNode }) {
  const { terminals } = desk.session;
  const { list, selected, opening, full } = useStore(terminals.view);
  const session = useStore(desk.session.view);
  const [finding, find] = useState(false);
  const items = list.map(({ id, key, gone }) => ({
    id: String(key),
    name: gone ? words.terminal.titleGone(id) : words.terminal.title(id),
    label: gone ? words.terminal.tabGone(id) : words.terminal.tab(id),
    close: () => terminals.close(key),
  }));
  const reachable = session.link?.type === "connected" && session.state?.type === "ready";
  return (
    <div className="terminals">
      <div className="tab-row">
        <Tabs
          label={words.terminal.list}
          id="terminals"
          items={items}
          selected={selected === null ? null : String(selected)}
          select={key => terminals.select(Number(key))}
        />
        <button
          type="button"
          className="icon"
          aria-label={words.terminal.open}
          disabled={full || opening || !reachable}
          onClick={terminals.open}
        >
          <Plus size={16} aria-hidden="true" />
        </button>
        {session.refusal && <span className="muted refusal">{session.refusal}</span>}
        <span className="grow" />
        {selected !== null && (
          <>
            <button
              type="button"
              className="icon"
              aria-label={words.terminal.find}
              title={words.terminal.find}
              aria-pressed={finding}
              onClick={() => find(!finding)}
            >
              <Search size={16} aria-hidden="true" />
            </button>
            <button
              type="button"
              className="icon"
              aria-label={words.terminal.putRight}
              title={words.terminal.putRight}
              onClick={() => terminals.putRight(selected)}
            >
              <Eraser size={16} aria-hidden="true" />
            </button>
            <TerminalKeys />
          </>
        )}
        {aside}
      </div>

      {list.map(one => (
        <OneTerminal
          key={one.key}
          terminal={one}
          terminals={terminals}
          shown={one.key === selected}
          finding={finding}
          find={find}
        />
      ))}

      {list.length === 0 && (
        <NoTerminal session={session} opening={opening} open={terminals.open} reachable={reachable} />
      )}
    </div>
  );
}

const focusSelected = () => focusTab("terminals");

interface OneProps {
  terminal: Terminal;
  terminals: Terminals;
  shown: boolean;
  finding: boolean;
  find: (open: boolean) => void;
}

function OneTerminal({ terminal, terminals, shown, finding, find }: OneProps) {
  return (
    <div className="terminal-slot" hidden={!shown} {...panelProps("terminals", String(terminal.key))}>
      <TerminalView
        terminals={terminals}
        id={terminal.id}
        of={terminal.key}
        shown={shown}
        finding={finding}
        find={find}
        leave={focusSelected}
        meanwhile={<p className="waiting muted">{words.terminal.fetching}</p>}
      />
      {terminal.gone && (
        <p className="terminal-ended" role="status">
          {words.terminal.gone}
        </p>
      )}
      {terminal.exited && !terminal.gone && (
        <p className="terminal-ended" role="status">
          {exitSentence(terminal.exited)}{" "}
          <button
            type="button"
            onClick={() => {
              terminals.close(terminal.key);
              terminals.open();
            }}
          >
            {words.terminal.openAnother}
          </button>
        </p>
      )}
    </div>
  );
}

interface NoTerminalProps {
  session: SessionView;
  opening: boolean;
  reachable: boolean;
  open: () => void;
}

function NoTerminal({ session, opening, reachable, open }: NoTerminalProps) {
  if (reachable && !opening) {
    return (
      <p className="empty">
        {words.terminal.none}{" "}
        <button type="button" onClick={open}>
          {words.terminal.openFirst}
        </button>
      </p>
    );
  }
  return <p className="waiting muted">{waitingWords(session)}</p>;
}

function waitingWords({ state, problem }: SessionView): string {
  if (problem) return words.terminal.noMachine;
  if (state?.type === "ended") return words.terminal.machineStopped;
  if (state?.type === "queued") return words.terminal.queued;
  return state?.type === "starting" ? words.terminal.starting : words.terminal.soon;
}
