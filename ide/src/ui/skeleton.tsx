// What will be here, in outline, so that nothing jumps when it comes.

/** Widths of lines as in a paragraph, in percent. */
const LINES = [92, 100, 96, 58, 0, 88, 97, 40];

export function SkeletonText() {
  return (
    <div className="skeleton" aria-hidden="true">
      <i style={{ width: "45%", height: 24 }} />
      {LINES.map((width, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines that never change
        <i key={at} style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}

export function SkeletonRows({ count }: { count: number }) {
  return (
    <div className="skeleton" aria-hidden="true">
      {Array.from({ length: count }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows that never change
        <div key={at} className="skeleton-row">
          <i style={{ width: `${30 + ((at * 17) % 25)}%` }} />
          <i style={{ width: `${60 + ((at * 23) % 30)}%` }} />
        </div>
      ))}
    </div>
  );
}

/** In words, should it take a moment. */
export function Waiting({ for: what }: { for: string }) {
  return (
    <p role="status" className="late muted">
      {what}
    </p>
  );
}
