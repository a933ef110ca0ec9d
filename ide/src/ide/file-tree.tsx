// The workspace's files as a tree: arrows walk, Enter opens, F2 renames, Delete deletes after a question.
import { ChevronDown, ChevronRight, FilePlus, FileText, Lock, Pencil, RotateCcw, Trash2 } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { folderOf } from "../state/paths";
import { moveOn, type Row, rowsOf, startClosed } from "../state/tree";
import type { WorkspaceFiles } from "../state/workspace-files";
import { Dialog } from "../ui/dialog";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";
import { NameField } from "./name-field";

type Naming = { type: "new"; folder: string } | { type: "rename"; path: string } | null;

interface Props {
  files: WorkspaceFiles;
  /** Files that the lesson gave, and so can become again what they were. */
  given: readonly string[];
  reset: (path: string) => void;
}

export function FileTree({ files, given, reset }: Props) {
  const entries = useStore(files.entries);
  const { active } = useStore(files.tabs);
  const problem = useStore(files.problem);
  const [closed, setClosed] = useState<ReadonlySet<string>>(() => startClosed(entries));
  const [focused, setFocused] = useState<string | null>(null);
  const [naming, setNaming] = useState<Naming>(null);
  const [deleting, setDeleting] = useState<Row | null>(null);
  const tree = useRef<HTMLDivElement>(null);
  const rows = rowsOf(entries, closed);
  const tabStop = rows.find(row => row.path === focused) ?? rows.find(row => row.path === active) ?? rows[0];
  const chosen = rows.find(row => row.path === (focused ?? active)) ?? null;
  const changeable = chosen && (chosen.kind === "folder" || chosen.role === "editable") ? chosen : null;
  const resettable = chosen && given.includes(chosen.path) ? chosen : null;

  const toggle = (path: string) =>
    setClosed(now => (now.has(path) ? new Set([...now].filter(other => other !== path)) : new Set([...now, path])));
  const activate = (row: Row) => {
    setFocused(row.path);
    if (row.kind === "folder") toggle(row.path);
    else void files.open(row.path);
  };
  const focusRow = (path: string) => {
    setFocused(path);
    tree.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`)?.focus();
  };
  const key = (event: KeyboardEvent, row: Row) => {
    const move = moveOn(rows, row.path, event.key);
    const mayChange = row.kind === "folder" || row.role === "editable";
    if (move && "focus" in move) focusRow(move.focus);
    else if (move) toggle(move.toggle);
    else if (event.key === "Enter" || event.key === " ") activate(row);
    else if (event.key === "F2" && mayChange) setNaming({ type: "rename", path: row.path });
    else if (event.key === "Delete" && mayChange) setDeleting(row);
    else return;
    event.preventDefault();
  };

  // A file opened from elsewhere takes the tree's place of focus with it.
  useEffect(() => setFocused(active), [active]);

  const folderForNew = chosen ? (chosen.kind === "folder" ? `${chosen.path}/` : folderOf(chosen.path)) : "";
  return (
    <nav className="files" aria-label={words.files.title}>
      <div className="files-head">
        <span className="eyebrow">{words.files.title}</span>
        <button
          type="button"
          className="icon"
          aria-label={words.files.new}
          onClick={() => setNaming({ type: "new", folder: folderForNew })}
        >
          <FilePlus size={16} aria-hidden="true" />
        </button>
        <button
          type="button"
          className="icon"
          aria-label={changeable ? words.files.renameOne(changeable.name) : words.files.rename}
          disabled={!changeable}
          onClick={() => changeable && setNaming({ type: "rename", path: changeable.path })}
        >
          <Pencil size={16} aria-hidden="true" />
        </button>
        <button
          type="button"
          className="icon"
          aria-label={changeable ? words.files.removeOne(changeable.name) : words.files.remove}
          disabled={!changeable}
          onClick={() => setDeleting(changeable)}
        >
          <Trash2 size={16} aria-hidden="true" />
        </button>
        <button
          type="button"
          className="icon"
          aria-label={resettable ? words.durability.resetOne(resettable.name) : words.durability.reset}
          disabled={!resettable}
          onClick={() => resettable && reset(resettable.path)}
        >
          <RotateCcw size={16} aria-hidden="true" />
        </button>
      </div>
      {naming?.type === "new" && (
        <NameField
          label={words.files.newName}
          initial={naming.folder}
          taken={files.paths()}
          done={async path => (await files.create(path)) && setNaming(null)}
          cancel={() => setNaming(null)}
        />
      )}
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <div role="tree" aria-label={words.files.tree} ref={tree}>
        {rows.map(row =>
          naming?.type === "rename" && naming.path === row.path ? (
            <NameField
              key={row.path}
              label={words.files.renamedTo(row.name)}
              initial={row.path}
              taken={files.paths().filter(path => path !== row.path)}
              done={async path => (path === row.path || (await files.rename(row.path, path))) && setNaming(null)}
              cancel={() => setNaming(null)}
            />
          ) : (
            <TreeRow
              key={row.path}
              row={row}
              selected={row.path === active}
              tabStop={row === tabStop}
              activate={() => activate(row)}
              onKeyDown={event => key(event, row)}
            />
          ),
        )}
      </div>
      {deleting && (
        <DeleteDialog
          row={deleting}
          close={() => setDeleting(null)}
          remove={() => {
            setDeleting(null);
            void files.remove(deleting.path);
          }}
        />
      )}
    </nav>
  );
}

interface TreeRowProps {
  row: Row;
  selected: boolean;
  tabStop: boolean;
  activate: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

function TreeRow({ row, selected, tabStop, activate, onKeyDown }: TreeRowProps) {
  const readOnly = row.kind === "file" && row.role !== "editable";
  const Icon = row.kind === "file" ? FileText : row.open ? ChevronDown : ChevronRight;
  return (
    <div
      role="treeitem"
      translate="no"
      data-path={row.path}
      aria-level={row.depth + 1}
      aria-expanded={row.kind === "folder" ? row.open : undefined}
      aria-selected={selected}
      aria-label={readOnly ? words.files.nameReadOnly(row.name) : row.name}
      tabIndex={tabStop ? 0 : -1}
      className="tree-row"
      style={{ paddingLeft: 12 + row.depth * 16 }}
      onClick={activate}
      onKeyDown={onKeyDown}
    >
      <Icon size={16} aria-hidden="true" />
      <span className="tree-name" translate="no">
        {row.name}
      </span>
      {readOnly && <Lock size={12} aria-hidden="true" />}
    </div>
  );
}

function DeleteDialog({ row, close, remove }: { row: Row; close: () => void; remove: () => void }) {
  return (
    <Dialog title={words.files.removeTitle(row.name)} close={close}>
      <p>{row.kind === "folder" ? words.files.removeFolder : words.files.removeFile}</p>
      <div className="dialog-buttons">
        <button type="button" onClick={close}>
          {words.files.keep}
        </button>
        <button type="button" className="primary" onClick={remove}>
          {words.files.remove}
        </button>
      </div>
    </Dialog>
  );
}
