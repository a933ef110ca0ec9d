import { expect, it } from "vitest";
import { ApiProblem } from "../api/http";
import { compareWithSolution, solutionWords } from "./solution";

function world(mine: Record<string, string>, locked = false) {
  const api = {
    solution: async () => {
      if (locked) throw new ApiProblem({ type: "", title: "", status: 403, detail: "pass first", request_id: "" });
      const text = (data: string) => ({ encoding: "text", data }) as const;
      return {
        lesson_digest: "d",
        files: [
          { path: "a.py", content: text("theirs a") },
          { path: "b.py", content: text("theirs b") },
        ],
      };
    },
  };
  const textNow = async (path: string) => mine[path] ?? null;
  return () => compareWithSolution(api, "slug", { textNow }, new AbortController().signal);
}

it("sets the learner's text as it is now beside the author's, file by file", async () => {
  expect(await world({ "a.py": "mine a" })()).toEqual([
    { path: "a.py", mine: "mine a", theirs: "theirs a" },
    { path: "b.py", mine: "", theirs: "theirs b" },
  ]);
});

it("says no as the server does", async () => {
  await expect(world({}, true)()).rejects.toThrow("pass first");
});

it("says what stands in the way", () => {
  expect(solutionWords({ type: "after_passing" })).toMatch(/Once you have passed/);
  expect(solutionWords({ type: "after_hand_ins", count: 3, graded: 2 })).toMatch(/after 1 more hand-in\b/);
  expect(solutionWords({ type: "after_hand_ins", count: 3, graded: 0 })).toMatch(/after 3 more hand-ins/);
  expect([solutionWords({ type: "open" }), solutionWords({ type: "never" })]).toEqual([null, null]);
});
