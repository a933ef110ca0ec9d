import { expect, it } from "vitest";
import { NoAnswer } from "../api/http";
import { Hints } from "./hints";

function world(shownBefore: number) {
  const asked: number[] = [];
  let broken = false;
  const hint = (number: number) => ({ number, html: `hint ${number}` });
  const api = {
    hints: async () => Array.from({ length: shownBefore }, (_, at) => hint(at + 1)),
    showHint: async (_: string, number: number) => {
      asked.push(number);
      if (broken) throw new NoAnswer("cut");
      return hint(number);
    },
  };
  const hints = new Hints(api, "slug", new AbortController().signal);
  const shown = () => hints.view.get().shown.map(({ number }) => number);
  return { hints, asked, shown, cut: (now: boolean) => (broken = now) };
}

it("shows one after the other, and a double press shows one", async () => {
  const { hints, asked, shown } = world(0);
  await Promise.all([hints.next(), hints.next()]);
  await hints.next();
  expect([asked, shown()]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

it("goes on after those shown before", async () => {
  const { hints, asked, shown } = world(2);
  await hints.recall();
  await hints.next();
  expect([asked, shown()]).toEqual([[3], [1, 2, 3]]);
});

it("says when there was no answer, and can be asked again", async () => {
  const { hints, shown, cut } = world(0);
  cut(true);
  await hints.next();
  expect([shown(), hints.view.get().problem !== null, hints.view.get().asking]).toEqual([[], true, false]);
  cut(false);
  await hints.next();
  expect([shown(), hints.view.get().problem]).toEqual([[1], null]);
});
