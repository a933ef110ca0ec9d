// What the learner's own server shows: an address bar and a frame on another origin. Nothing in that frame reaches this
// page; all that is known of it is what it was opened with.
import { ExternalLink, RotateCw, SquareTerminal } from "lucide-react";
import { type FormEvent, useEffect, useRef, useState } from "react";
import type { SessionView } from "../state/live-session";
import type { OnePreview, Previews } from "../state/previews";
import type { Desk } from "../state/workbench";
import { panelProps, Tabs } from "../ui/tabs";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import "../styles/preview.css";

/**
 * Its own origin keeps it out of this page; this keeps it from taking this page elsewhere. Scripts, forms, dialogs and
 * new windows are what a page under development needs.
 */
const MAY = "allow-scripts allow-same-origin allow-forms allow-modals allow-popups allow-downloads";

export default function PreviewPane({ desk, previews }: { desk: Desk; previews: Previews }) {
  const { shown, selected, list } = useStore(previews.view);
  const session = useStore(desk.session.view);
  const current = list.find(({ port }) => port === selected);
  return (
    <section className="preview" aria-label={words.preview.region} hidden={!shown}>
      {current && <Bar previews={previews} list={list} current={current} shown={shown} />}
      {list.map(one => (
        <div key={one.port} className="preview-slot" hidden={one.port !== selected} {...slotProps(list, one)}>
          <Shown one={one} session={session} previews={previews} />
        </div>
      ))}
    </section>
  );
}

/** A panel only where there are tabs to choose it with. */
const slotProps = (list: OnePreview[], { port }: OnePreview) =>
  list.length > 1 ? panelProps("previews", String(port)) : {};

interface BarProps {
  previews: Previews;
  list: OnePreview[];
  current: OnePreview;
  shown: boolean;
}

function Bar({ previews, list, current, shown }: BarProps) {
  const [blocked, setBlocked] = useState(false);
  const back = useRef<HTMLButtonElement>(null);
  useFocusWhen(shown, back);
  const openTab = async () => {
    // Opened by the press itself, or browsers take it for a pop-up; sent on when there is an address.
    const tab = window.open("about:blank", "_blank");
    setBlocked(!tab);
    if (!tab) return;
    tab.opener = null;
    const url = await previews.ticket();
    if (url === null) tab.close();
    else tab.location.replace(url);
  };
  return (
    <div className="tab-row preview-bar">
      <button type="button" className="quiet" ref={back} onClick={previews.hide}>
        <SquareTerminal size={16} aria-hidden="true" />
        {words.preview.back}
      </button>
      {list.length > 1 && (
        <Tabs
          label={words.preview.list}
          id="previews"
          items={list.map(({ port, title }) => ({ id: String(port), label: title }))}
          selected={String(current.port)}
          select={port => previews.select(Number(port))}
        />
      )}
      <Address key={`${current.port} ${current.path}`} current={current} go={previews.go} />
      <button
        type="button"
        className="icon"
        aria-label={words.preview.reload}
        title={words.preview.reload}
        onClick={previews.reload}
      >
        <RotateCw size={16} aria-hidden="true" />
      </button>
      <button
        type="button"
        className="icon"
        aria-label={words.preview.newTab}
        title={words.preview.newTab}
        onClick={() => void openTab()}
      >
        <ExternalLink size={16} aria-hidden="true" />
      </button>
      {blocked && (
        <span role="status" className="muted refusal">
          {words.preview.newTabBlocked}
        </span>
      )}
    </div>
  );
}

/** Brought to the front by a key, the pane takes the focus that the hidden button had. */
function useFocusWhen(shown: boolean, target: { current: HTMLElement | null }): void {
  const before = useRef(shown);
  useEffect(() => {
    if (shown && !before.current) target.current?.focus();
    before.current = shown;
  }, [shown, target]);
}

function Address({ current: { port, path }, go }: { current: OnePreview; go: (typed: string) => void }) {
  const [typed, type] = useState(path);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    go(typed);
  };
  return (
    <form className="preview-address" onSubmit={submit}>
      <span className="muted" aria-hidden="true">
        {words.preview.host(port)}
      </span>
      <input
        type="text"
        aria-label={words.preview.address}
        value={typed}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        enterKeyHint="go"
        onChange={event => type(event.target.value)}
      />
    </form>
  );
}

interface ShownProps {
  one: OnePreview;
  session: SessionView;
  previews: Previews;
}

function Shown({ one, session, previews }: ShownProps) {
  if (one.problem) {
    return (
      <p className="empty" role="alert">
        {one.problem}{" "}
        <button type="button" onClick={previews.reload}>
          {words.preview.tryAgain}
        </button>
      </p>
    );
  }
  if (one.url === null) return <p className="waiting muted">{waitingWords(one, session)}</p>;
  return (
    // A new address is a new frame: setting `src` anew would leave an entry in the browser's history each time.
    <iframe
      key={one.url}
      src={one.url}
      title={words.preview.frame(one.title)}
      sandbox={MAY}
      referrerPolicy="no-referrer"
    />
  );
}

function waitingWords({ opening }: OnePreview, { state }: SessionView): string {
  if (opening) return words.preview.opening;
  return state?.type === "ended" ? words.preview.stopped : words.preview.noMachine;
}
