// What is said about saving: never "saved" for what only this browser has, never "kept" for what only this page has. Pure.
import { words } from "../words/words";
import type { SaveState } from "./document";
import type { Keeping } from "./draft-keeper";

/** For the header. */
export function saveWord(saving: SaveState, keeping: Keeping): string {
  const { saved, saving: underWay, refused, conflict, keptHere, onlyHere, notYet } = words.durability;
  const retrying = { kept: keptHere, writing: notYet, refused: onlyHere }[keeping];
  return { saved, unsaved: underWay, saving: underWay, retrying, refused, conflict }[saving];
}

/** What the learner should know and can act on; null while there is nothing. */
export function saveSentence(saving: SaveState, keeping: Keeping): string | null {
  const isRefused = keeping === "refused";
  if (saving === "retrying") return isRefused ? words.durability.onlyHereNotice : words.durability.keptNotice;
  if (isRefused && (saving === "conflict" || saving === "refused")) return words.durability.keepingRefused;
  return null;
}
