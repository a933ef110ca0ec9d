// What a screen reader is told although nobody moved there: results, the way of a hand-in, another screen. One sentence
// at a time, in a region that is always on the page, because regions that appear together with their text are often
// not read. Pure but for the store.
import type { Submission } from "../protocol/generated";
import { words } from "../words/words";
import type { RunView } from "./runs";
import { Store } from "./store";
import { type Sentence, submissionSentence, submissionWord, verdictSentence } from "./words";

export const announcement = new Store("");

export function announce(text: string): void {
  // The same words again are news again; a region tells changes only.
  announcement.set(announcement.get() === text ? `${text}\u00a0` : text);
}

const spoken = ({ head, more }: Sentence) => [head, more].filter(Boolean).join(" ");

/** Null while there is nothing new to say. */
export function runNews(before: RunView, now: RunView): string | null {
  if (now.verdict && !before.verdict) return spoken(verdictSentence(now.verdict));
  if (now.phase === before.phase) return null;
  if (now.phase === "running") return words.results.running;
  if (now.phase === "failed") return `${words.results.didNotRunToTheEnd} ${now.problem ?? ""}`.trim();
  return now.phase === "waiting" ? words.results.waitingForMachine : null;
}

/** The newest hand-in's state, when it has changed. */
export function handInNews(before: readonly Submission[], now: readonly Submission[]): string | null {
  const changed = now.find(({ id, state }) => {
    const known = before.find(other => other.id === id);
    return known?.state !== state && (known !== undefined || state.type === "queued");
  });
  if (!changed) return null;
  const sentence = submissionSentence(changed.state);
  return sentence ? spoken(sentence) : `${words.results.yourHandIn} ${submissionWord(changed.state).word}`;
}
