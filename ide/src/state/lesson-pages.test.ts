import { expect, it } from "vitest";
import { pageAt, pagesOf } from "./lesson-pages";
import { lessonPath, routeOf } from "./route";

const pages = pagesOf({
  instructions_html: "<p>do",
  theory: [
    { title: "One", html: "<p>1" },
    { title: "Two", html: "<p>2" },
  ],
});

it("puts the task first, then the theory in its order", () => {
  expect(pages.map(({ title }) => title)).toEqual([null, "One", "Two"]);
  const rows: [number, (number | undefined)[]][] = [
    [0, [undefined, 0, 1]],
    [1, [0, 1, 2]],
    [2, [1, 2, undefined]],
    [7, [undefined, 0, 1]],
  ];
  for (const [number, expected] of rows) {
    const { previous, current, next } = pageAt(pages, number);
    expect([previous?.number, current.number, next?.number], `page ${number}`).toEqual(expected);
  }
});

it("has an address for every page", () => {
  const rows: [string, string, number][] = [
    ["/lessons/pipes", "", 0],
    ["/lessons/pipes", "?page=2", 2],
    ["/lessons/pipes", "?page=two", 0],
    ["/lessons/pipes", "?page=-1", 0],
    ["/lessons/pipes", "?page=1.5", 0],
  ];
  for (const [path, search, page] of rows) {
    expect(routeOf(path, search), search).toEqual({ screen: "lesson", slug: "pipes", page });
  }
  expect([lessonPath("pipes"), lessonPath("pipes", 0), lessonPath("pipes", 2)]).toEqual([
    "/lessons/pipes",
    "/lessons/pipes",
    "/lessons/pipes?page=2",
  ]);
});
