import { expect, it } from "vitest";
import type { SaveState } from "./document";
import type { Keeping } from "./draft-keeper";
import { saveSentence, saveWord } from "./saving-words";

it("says saved of nothing but what the server has", () => {
  const rows: [SaveState, Keeping, word: RegExp, sentence: RegExp | null][] = [
    ["saved", "kept", /^saved$/, null],
    ["unsaved", "writing", /^saving/, null],
    ["saving", "refused", /^saving/, null],
    ["retrying", "kept", /not saved yet – kept in this browser/, /kept in this browser/],
    ["retrying", "writing", /^not saved yet$/, /kept in this browser/],
    ["retrying", "refused", /only in this page/, /Leave this page open/],
    ["conflict", "kept", /two versions/, null],
    ["conflict", "refused", /two versions/, /Leave this page open/],
    ["refused", "kept", /^not saved$/, null],
  ];
  for (const [saving, keeping, word, sentence] of rows) {
    expect(saveWord(saving, keeping)).toMatch(word);
    if (sentence) expect(saveSentence(saving, keeping)).toMatch(sentence);
    else expect(saveSentence(saving, keeping)).toBeNull();
  }
});
