// A component fetched when it is first needed. Unlike React's `lazy`, one that is there already is drawn at once:
// Suspense holds back what arrives shortly after a fallback for 300 ms, twice on the way to a prompt.
import { type ComponentType, type ReactNode, useEffect, useState } from "react";
import { words } from "../words/words";

type Load<P> = () => Promise<{ default: ComponentType<P> }>;

export interface Lazy<P> {
  (props: P & { meanwhile: ReactNode }): ReactNode;
  /** Fetches it ahead; asked for again when needed, should that fail. */
  fetch(): Promise<unknown>;
}

export function lazily<P extends object>(load: Load<P>): Lazy<P> {
  let loaded: ComponentType<P> | null = null;
  const fetch = async () => {
    loaded = (await load()).default;
    return loaded;
  };

  // biome-ignore lint/correctness/noComponentHookFactories: made once per part, at module level, never while drawing
  function Lazily({ meanwhile, ...props }: P & { meanwhile: ReactNode }) {
    const [Part, setPart] = useState<ComponentType<P> | null>(() => loaded);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded) setPart(() => loaded);
      else
        fetch().then(
          part => setPart(() => part),
          () => setFailed(true),
        );
    }, []);
    if (Part) return <Part {...(props as unknown as P)} />;
    return failed ? <NotFetched /> : meanwhile;
  }

  return Object.assign(Lazily, { fetch });
}

function NotFetched() {
  return (
    <p className="empty" role="alert">
      {words.app.partMissing}{" "}
      <button type="button" onClick={() => location.reload()}>
        {words.app.reload}
      </button>
    </p>
  );
}
