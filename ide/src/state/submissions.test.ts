import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem, NoAnswer } from "../api/http";
import type { Submission, SubmissionState } from "../protocol/generated";
import { words } from "../words/words";
import { POLL_AFTER_MS, Submissions } from "./submissions";

const submission = (id: string, state: SubmissionState, submitted_at = 1): Submission => ({
  id,
  workspace: "w",
  lesson: "l",
  lesson_digest: "",
  submitted_at,
  state,
});
const queued: SubmissionState = { type: "queued", ahead: 1, failed_attempts: 0 };
const broken: SubmissionState = { type: "not_graded", reason: "x" };

function world({ saves = true, list = [] as Submission[] } = {}) {
  const keys: string[] = [];
  const stored = new Map<string, Submission>();
  let failing: Error[] = [];
  const api = {
    submit: async (_workspace: string, key: string) => {
      keys.push(key);
      const why = failing.shift();
      if (why) throw why;
      const made = submission("s1", queued, 2);
      stored.set("s1", made);
      return made;
    },
    submission: async (id: string) => stored.get(id) ?? expect.fail(`nobody handed in ${id}`),
  };
  const leaving = new AbortController();
  const submissions = new Submissions(api, "w", async () => saves, leaving.signal, list);
  const failWith = (...whys: Error[]) => (failing = whys);
  return { submissions, keys, stored, failWith, leaving, view: () => submissions.view.get() };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("handing in", () => {
  it("is one hand-in for a double click", async () => {
    const { submissions, keys, view } = world();
    await Promise.all([submissions.handIn(), submissions.handIn()]);
    await submissions.handIn();
    expect(keys).toHaveLength(1);
    expect(view().current).toEqual({ type: "handed_in", id: "s1" });
  });

  it("repeats the request with the same key while the server is away", async () => {
    const { submissions, keys, failWith, view } = world();
    failWith(new NoAnswer("cut"), new NoAnswer("cut"));
    const done = submissions.handIn();
    await vi.advanceTimersByTimeAsync(5_000);
    await done;
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(view().current.type).toBe("handed_in");
  });

  it("uses a new key for a new press", async () => {
    const { submissions, keys } = world();
    await submissions.handIn();
    submissions.changed("s1", broken);
    await submissions.handIn();
    expect(new Set(keys).size).toBe(2);
  });

  it("says so when unsaved text would be left out, or the server refuses", async () => {
    const unsaved = world({ saves: false });
    await unsaved.submissions.handIn();
    expect(unsaved.view().current).toEqual({ type: "failed", problem: words.results.notSavedForHandIn });
    const refused = world();
    refused.failWith(
      new ApiProblem({ type: "", title: "", status: 409, detail: "One is being graded.", request_id: "" }),
    );
    await refused.submissions.handIn();
    expect(refused.view().current).toEqual({ type: "failed", problem: "One is being graded." });
  });

  it("follows the socket, and asks when it hears nothing", async () => {
    const { submissions, stored, view } = world();
    await submissions.handIn();
    submissions.changed("s1", { type: "running", attempt: 1 });
    expect(view().list[0]?.state.type).toBe("running");
    stored.set("s1", submission("s1", broken, 2));
    await vi.advanceTimersByTimeAsync(POLL_AFTER_MS);
    expect(view().list[0]?.state).toEqual(broken);
    submissions.changed("s1", { type: "running", attempt: 1 });
    expect(view().list[0]?.state).toEqual(broken);
  });

  it("moves up in the queue, and is not taken back by older news", async () => {
    const { submissions, view } = world();
    await submissions.handIn();
    const state = () => view().list[0]?.state;
    const rows: [SubmissionState, boolean][] = [
      [{ type: "queued", ahead: 0, failed_attempts: 0 }, true],
      [{ type: "running", attempt: 1 }, true],
      [{ type: "queued", ahead: 0, failed_attempts: 0 }, false],
      [{ type: "queued", ahead: 3, failed_attempts: 1 }, true],
      [{ type: "running", attempt: 1 }, false],
      [{ type: "running", attempt: 2 }, true],
      [broken, true],
      [{ type: "queued", ahead: 0, failed_attempts: 2 }, false],
    ];
    for (const [news, taken] of rows) {
      const before = state();
      submissions.changed("s1", news);
      expect(state(), JSON.stringify(news)).toEqual(taken ? news : before);
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  it("goes on watching one that was under way when the page was loaded", async () => {
    const { stored, view, submissions } = world({ list: [submission("s0", queued)] });
    expect(submissions.underWay()).toBe(true);
    stored.set("s0", submission("s0", broken));
    await vi.advanceTimersByTimeAsync(POLL_AFTER_MS);
    expect(view().list[0]?.state).toEqual(broken);
    expect(submissions.underWay()).toBe(false);
  });

  it("learns of one handed in from another tab", async () => {
    const { submissions, stored, view } = world();
    stored.set("other", submission("other", queued));
    submissions.changed("other", queued);
    await vi.advanceTimersByTimeAsync(0);
    expect(view().list.map(({ id }) => id)).toEqual(["other"]);
  });

  it("asks nobody after the page was left", async () => {
    const { leaving, submissions } = world();
    await submissions.handIn();
    leaving.abort();
    expect(vi.getTimerCount()).toBe(0);
  });
});
