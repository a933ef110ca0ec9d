// One request to the API and its three ways of ending: an answer, a problem (RFC 9457) or no answer at all. Knows no
// route.
import type { Problem } from "../protocol/generated";
import { words } from "../words/words";

/** The API answered, and said no. */
export class ApiProblem extends Error {
  constructor(readonly problem: Problem) {
    super(words.problems.said(typeOf(problem), problem.detail || problem.title));
  }
  get status(): number {
    return this.problem.status;
  }
}

/** "/problems/not-found" is of the type not-found. */
function typeOf({ type }: Problem): string {
  return type.slice(type.lastIndexOf("/") + 1);
}

/** No answer: offline, server away, request cut. Trying again may help. */
export class NoAnswer extends Error {
  constructor(cause: unknown) {
    super(words.problems.noAnswer, { cause });
  }
}

/** Whether trying the same again later may succeed. */
export function isTransient(why: unknown): boolean {
  if (why instanceof NoAnswer) return true;
  return why instanceof ApiProblem && (why.status >= 500 || why.status === 429 || why.status === 408);
}

export function isStatus(why: unknown, status: number): why is ApiProblem {
  return why instanceof ApiProblem && why.status === status;
}

/** Text for people of whatever went wrong. */
export function reasonOf(why: unknown): string {
  if (why instanceof ApiProblem) return `${why.message}${idOf(why)}`;
  return why instanceof Error ? why.message : String(why);
}

function idOf({ problem }: ApiProblem): string {
  return problem.status >= 500 && problem.request_id ? ` ${words.problems.request(problem.request_id)}` : "";
}

let unauthorized = () => {};

/** Called whenever the server no longer knows who asks; the request itself fails all the same. */
export function onUnauthorized(listener: () => void): void {
  unauthorized = listener;
}

export interface Asked {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** A save or a listing takes milliseconds; what takes longer than this is lost. */
const ANSWER_WITHIN_MS = 20_000;

export async function ask<T>(path: string, asked: Asked = {}): Promise<T> {
  const deadline = AbortSignal.timeout(ANSWER_WITHIN_MS);
  const signal = asked.signal ? AbortSignal.any([asked.signal, deadline]) : deadline;
  const headers = new Headers(asked.headers);
  if (asked.body !== undefined) headers.set("Content-Type", "application/json");
  const init: RequestInit = { method: asked.method ?? "GET", headers, signal, credentials: "same-origin" };
  if (asked.body !== undefined) init.body = JSON.stringify(asked.body);
  try {
    const answer = await fetch(path, init);
    const text = await answer.text();
    if (answer.status === 401) unauthorized();
    if (!answer.ok) throw new ApiProblem(readProblem(answer, text));
    return (text === "" ? undefined : JSON.parse(text)) as T;
  } catch (why) {
    if (why instanceof ApiProblem || asked.signal?.aborted) throw why;
    throw new NoAnswer(why);
  }
}

/** A proxy in between may answer without a problem document; then its status line has to do. */
function readProblem(answer: Response, text: string): Problem {
  const bare: Problem = {
    type: "about:blank",
    title: answer.statusText,
    status: answer.status,
    detail: words.problems.answered(answer.status, answer.statusText),
    request_id: answer.headers.get("request-id") ?? "",
  };
  try {
    return { ...bare, ...JSON.parse(text), status: answer.status };
  } catch {
    return bare;
  }
}
