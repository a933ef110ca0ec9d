import type { MouseEvent, ReactNode } from "react";
import { go } from "../state/route";

interface Props {
  to: string;
  children: ReactNode;
  className?: string;
  /** It leads to where one is. */
  current?: boolean;
}

/** A link to another screen of ours, without loading the page anew; a click with a modifier stays the browser's. */
export function Link({ to, children, className, current = false }: Props) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={to} className={className} aria-current={current ? "page" : undefined} onClick={follow}>
      {children}
    </a>
  );
}
