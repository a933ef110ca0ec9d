// Which screen the address names. Two screens need no router library.
import { Store } from "./store";

export type Route = { screen: "lessons" } | { screen: "lesson"; slug: string } | { screen: "lost" };

export function routeOf(path: string): Route {
  if (path === "/" || path === "/lessons") return { screen: "lessons" };
  const [, slug] = /^\/lessons\/([^/]+)\/?$/.exec(path) ?? [];
  return slug ? { screen: "lesson", slug: decode(slug) } : { screen: "lost" };
}

export function lessonPath(slug: string): string {
  return `/lessons/${encodeURIComponent(slug)}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const here = (): Route => routeOf(globalThis.location?.pathname ?? "/");

export const route = new Store<Route>(here());
globalThis.addEventListener?.("popstate", () => route.set(here()));

export function go(path: string): void {
  history.pushState(null, "", path);
  route.set(here());
  scrollTo(0, 0);
}
