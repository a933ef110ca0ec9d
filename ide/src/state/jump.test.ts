import { expect, it } from "vitest";
import { jump, takeJump } from "./jump";

it("is done once, by the editor of that file alone", () => {
  const place = { path: "a.py", line: 3, column: null };
  jump.set(place);
  expect(takeJump("b.py")).toBeNull();
  expect(takeJump("a.py")).toEqual(place);
  expect(takeJump("a.py")).toBeNull();
});
