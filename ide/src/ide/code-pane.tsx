// Files on the left, the open ones as tabs, the editor below.
import { PanelLeft } from "lucide-react";
import { useState } from "react";
import { ConflictBanner, EditorView, ResetDialog } from "../chunks";
import type { TextDocument } from "../state/document";
import type { Helpers } from "../state/language-servers";
import { nameOf } from "../state/paths";
import type { Desk, Workbench } from "../state/workbench";
import type { Tab } from "../state/workspace-files";
import { panelProps, Tabs } from "../ui/tabs";
import { useStore } from "../ui/use-store";
import { useWide } from "../ui/use-wide";
import { words } from "../words/words";
import { FileTree } from "./file-tree";

export function CodePane({ bench }: { bench: Workbench }) {
  const { desk, lesson } = useStore(bench.view);
  const given = lesson?.files.filter(({ role }) => role === "editable").map(({ path }) => path) ?? [];
  return desk ? <Files desk={desk} given={given} /> : <p className="waiting muted">{words.files.fetchingAll}</p>;
}

function Files({ desk, given }: { desk: Desk; given: readonly string[] }) {
  const { files } = desk;
  const { list, active } = useStore(files.tabs);
  const entries = useStore(files.entries);
  const wide = useWide();
  // On a narrow screen the editor needs the room; beside it there is plenty.
  const [treeShown, setTreeShown] = useState(wide);
  const [resetting, setResetting] = useState<string | null>(null);
  const shown = list.find(tab => tab.path === active);
  const readOnly = new Set(entries.filter(entry => entry.role !== "editable").map(entry => entry.path));
  const items = list.map(({ path, document }) => ({
    id: path,
    name: path,
    label: <TabLabel path={path} document={document} readOnly={readOnly.has(path)} />,
    close: () => files.close(path),
  }));
  return (
    <div className="code" data-tree={treeShown}>
      {treeShown && <FileTree files={files} given={given} reset={setResetting} />}
      {resetting !== null && (
        <ResetDialog meanwhile={null} desk={desk} path={resetting} close={() => setResetting(null)} />
      )}
      <div className="code-main">
        <div className="tab-row">
          <button
            type="button"
            className="icon"
            aria-label={words.files.title}
            aria-pressed={treeShown}
            onClick={() => setTreeShown(!treeShown)}
          >
            <PanelLeft size={16} aria-hidden="true" />
          </button>
          <Tabs
            label={words.files.tabs}
            id="files"
            items={items}
            selected={active}
            select={path => void files.open(path)}
          />
        </div>
        {shown ? (
          <div className="editor" {...panelProps("files", shown.path)}>
            <OpenFile key={shown.path} tab={shown} helpers={desk.helpers} />
          </div>
        ) : (
          <p className="empty">{words.files.choose}</p>
        )}
      </div>
    </div>
  );
}

function TabLabel({ path, document, readOnly }: { path: string; document: TextDocument | null; readOnly: boolean }) {
  return (
    <>
      <span translate="no">{nameOf(path)}</span>
      {readOnly && <span className="badge">{words.files.readOnly}</span>}
      {document && <UnsavedDot document={document} />}
    </>
  );
}

function UnsavedDot({ document }: { document: TextDocument }) {
  const { state } = useStore(document.view);
  return state === "saved" ? null : <span className="unsaved-dot" role="img" aria-label={words.files.notSavedYet} />;
}

function OpenFile({ tab, helpers }: { tab: Tab; helpers: Helpers }) {
  if (tab.problem) return <p className="problem">{tab.problem}</p>;
  if (!tab.document) return <p className="waiting muted">{words.files.fetching(tab.path)}</p>;
  return <OpenDocument document={tab.document} helpers={helpers} />;
}

function OpenDocument({ document, helpers }: { document: TextDocument; helpers: Helpers }) {
  const { binary, state, reason } = useStore(document.view);
  if (binary) return <p className="empty">{words.files.notText(nameOf(document.path))}</p>;
  return (
    <>
      {state === "conflict" && <ConflictBanner meanwhile={null} document={document} />}
      {state === "refused" && (
        <div className="banner" role="alert">
          <p>{words.files.notSaved(nameOf(document.path), reason ?? "")}</p>
          <button type="button" onClick={() => document.retryNow()}>
            {words.app.tryAgain}
          </button>
        </div>
      )}
      <EditorView
        document={document}
        helpers={helpers}
        meanwhile={<p className="waiting muted">{words.files.fetchingEditor}</p>}
      />
    </>
  );
}
