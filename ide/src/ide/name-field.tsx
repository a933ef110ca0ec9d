import { type FormEvent, useId, useState } from "react";
import { problemWithPath } from "../state/paths";
import { words } from "../words/words";

interface Props {
  label: string;
  initial: string;
  taken: string[];
  done: (path: string) => Promise<unknown>;
  cancel: () => void;
}

/** Where a file gets its name: Enter takes it, Escape leaves it. */
export function NameField({ label, initial, taken, done, cancel }: Props) {
  const [path, setPath] = useState(initial);
  const [tried, setTried] = useState(false);
  const problemId = useId();
  const problem = problemWithPath(path, taken);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!problem) void done(path);
  };
  return (
    <form className="name-field" onSubmit={submit}>
      <input
        aria-label={label}
        aria-invalid={tried && problem !== null}
        aria-describedby={problemId}
        placeholder={words.files.placeholder}
        spellCheck={false}
        autoCapitalize="none"
        // biome-ignore lint/a11y/noAutofocus: it appears because the learner just asked to type here
        autoFocus
        value={path}
        onChange={event => setPath(event.target.value)}
        onKeyDown={event => event.key === "Escape" && cancel()}
        onBlur={cancel}
      />
      <span id={problemId} className="problem" role="alert">
        {tried && problem}
      </span>
    </form>
  );
}
