// A row of tabs after the WAI-ARIA pattern: one tab stop, arrows move, the panel is named by its tab.
import { type KeyboardEvent, type ReactNode, useRef } from "react";
import { words } from "../words/words";

export interface TabItem {
  id: string;
  label: ReactNode;
  /** What a screen reader says, where the label is not enough. */
  name?: string;
  /** Absent: this tab cannot be closed. */
  close?: () => void;
}

interface Props {
  label: string;
  /** Prefix of ids, shared with the panels: see `panelProps`. */
  id: string;
  items: TabItem[];
  selected: string | null;
  select: (id: string) => void;
  className?: string;
}

export function Tabs({ label, id, items, selected, select, className = "" }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const keyOn = (event: KeyboardEvent, at: number) => {
    const target = items[targetOf(event.key, at, items.length)];
    const item = items[at];
    if (event.key === "Delete" && item?.close) item.close();
    if (!target) return;
    event.preventDefault();
    select(target.id);
    list.current?.querySelector<HTMLElement>(`[id="${tabId(id, target.id)}"]`)?.focus();
  };
  return (
    <div role="tablist" id={listId(id)} aria-label={label} className={`tabs ${className}`} ref={list}>
      {items.map((item, at) => (
        <div key={item.id} className="tab" role="presentation" data-selected={item.id === selected}>
          <button
            type="button"
            role="tab"
            id={tabId(id, item.id)}
            aria-selected={item.id === selected}
            aria-controls={panelId(id, item.id)}
            aria-label={item.name}
            aria-keyshortcuts={item.close ? "Delete" : undefined}
            tabIndex={item.id === selected || (selected === null && at === 0) ? 0 : -1}
            onClick={() => select(item.id)}
            onKeyDown={event => keyOn(event, at)}
          >
            {item.label}
          </button>
          {item.close && (
            // A tab list may hold nothing but tabs; from the keyboard, Delete closes.
            <span className="tab-close" title={words.ide.closeTab} aria-hidden="true" onClick={item.close}>
              ×
            </span>
          )}
        </div>
      ))}
    </div>
  );
}

function targetOf(key: string, at: number, count: number): number {
  if (key === "ArrowRight") return (at + 1) % count;
  if (key === "ArrowLeft") return (at - 1 + count) % count;
  if (key === "Home") return 0;
  return key === "End" ? count - 1 : -1;
}

// An id may not hold spaces, and names of files do.
const tabId = (id: string, item: string) => `${id}-tab-${encodeURIComponent(item)}`;
const panelId = (id: string, item: string) => `${id}-panel-${encodeURIComponent(item)}`;

const listId = (id: string) => `${id}-tabs`;

/** Puts the keyboard on the selected tab, from where Tab and the arrows lead on. */
export function focusTab(id: string): void {
  document.getElementById(listId(id))?.querySelector<HTMLElement>('[aria-selected="true"]')?.focus();
}

/** What ties a panel to its tab. */
export function panelProps(id: string, item: string) {
  return { role: "tabpanel", id: panelId(id, item), "aria-labelledby": tabId(id, item) } as const;
}
