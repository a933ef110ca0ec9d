/** The lessons that ship, read from their folders: titles, starters, solutions. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const FOLDER = resolve(import.meta.dirname, "../lesson-images/lessons");

export interface Lesson {
  title: string;
  /** What to put into which editable file to pass. */
  solution: Map<string, string>;
}

export function lesson(slug: string): Lesson {
  const place = join(FOLDER, slug);
  const manifest = readFileSync(join(place, "lesson.toml"), "utf8");
  const title = /^title = "(.+)"$/m.exec(manifest)?.[1];
  if (!title) throw new Error(`${slug} has no title`);
  const solution = new Map<string, string>();
  for (const path of readdirSync(join(place, "solution"), { recursive: true, encoding: "utf8" })) {
    try {
      solution.set(path, readFileSync(join(place, "solution", path), "utf8"));
    } catch {
      // A folder.
    }
  }
  return { title, solution };
}
