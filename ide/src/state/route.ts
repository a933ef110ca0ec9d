// Which screen the address names. Two screens need no router library.
import { Store } from "./store";

export type Route =
  | { screen: "lessons" }
  | { screen: "lesson"; slug: string; page: number }
  | { screen: "mentor"; session: string | null }
  | { screen: "lost" };

export function routeOf(path: string, search = ""): Route {
  if (path === "/" || path === "/lessons") return { screen: "lessons" };
  if (path === "/mentor" || path === "/mentor/") return { screen: "mentor", session: null };
  const [, session] = /^\/mentor\/([^/]+)\/?$/.exec(path) ?? [];
  if (session) return { screen: "mentor", session: decode(session) };
  const [, slug] = /^\/lessons\/([^/]+)\/?$/.exec(path) ?? [];
  return slug ? { screen: "lesson", slug: decode(slug), page: pageOf(search) } : { screen: "lost" };
}

/** The address of a lesson, or of one of its pages: 0 is the task, theory is counted from 1. */
export function lessonPath(slug: string, page = 0): string {
  return `/lessons/${encodeURIComponent(slug)}${page > 0 ? `?page=${page}` : ""}`;
}

function pageOf(search: string): number {
  const page = new URLSearchParams(search).get("page") ?? "";
  return /^\d{1,3}$/.test(page) ? Number(page) : 0;
}

/** The list of those who work right now, or one of them. */
export function mentorPath(session?: string): string {
  return session ? `/mentor/${encodeURIComponent(session)}` : "/mentor";
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const here = (): Route => routeOf(globalThis.location?.pathname ?? "/", globalThis.location?.search);

export const route = new Store<Route>(here());
globalThis.addEventListener?.("popstate", () => route.set(here()));

export function go(path: string): void {
  history.pushState(null, "", path);
  route.set(here());
  scrollTo(0, 0);
}
