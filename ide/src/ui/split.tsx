// Two panes and the bar between them, moved by hand or by arrow keys; the place is remembered in this browser.
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import { readStored, writeStored } from "../state/settings";

interface Props {
  /** Remembers the place under this name. */
  id: string;
  label: string;
  direction: "row" | "column";
  /** Percent of the first pane. */
  initial: number;
  min: number;
  max: number;
  first: ReactNode;
  second: ReactNode;
}

const STEP_PERCENT = 2;

export function Split({ id, label, direction, initial, min, max, first, second }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [percent, setPercent] = useState(() => clamp(Number(readStored(keyOf(id)) ?? initial), min, max));
  const across = direction === "row";

  const put = (next: number) => {
    const clamped = clamp(next, min, max);
    setPercent(clamped);
    writeStored(keyOf(id), clamped);
  };
  const drag = (event: PointerEvent) => {
    const area = box.current?.getBoundingClientRect();
    if (!area || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    put((across ? (event.clientX - area.left) / area.width : (event.clientY - area.top) / area.height) * 100);
  };
  const key = (event: KeyboardEvent) => {
    const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    const target = event.key === "Home" ? min : event.key === "End" ? max : steps && percent + steps * STEP_PERCENT;
    if (target === undefined) return;
    event.preventDefault();
    put(target);
  };

  const tracks = `minmax(0, ${percent}fr) 1px minmax(0, ${100 - percent}fr)`;
  const style = across ? { gridTemplateColumns: tracks } : { gridTemplateRows: tracks };
  return (
    <div className="split" data-direction={direction} style={style} ref={box}>
      <div className="split-pane">{first}</div>
      {/* biome-ignore lint/a11y/useSemanticElements: <hr> cannot be focused and moved; this is ARIA's window splitter. */}
      <div
        role="separator"
        aria-label={label}
        aria-orientation={across ? "vertical" : "horizontal"}
        aria-valuenow={Math.round(percent)}
        aria-valuemin={min}
        aria-valuemax={max}
        tabIndex={0}
        className="splitter"
        onKeyDown={key}
        onPointerDown={event => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
      />
      <div className="split-pane">{second}</div>
    </div>
  );
}

const keyOf = (id: string) => `gradus.split.${id}`;

function clamp(value: number, min: number, max: number): number {
  return Number.isFinite(value) ? Math.min(max, Math.max(min, value)) : (min + max) / 2;
}
