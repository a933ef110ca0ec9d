import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { strayWords } from "./stray-words";

const SOURCE = join(import.meta.dirname, "..");
/** The catalogues themselves and what loads them, what is generated from Rust, and tests. */
const NOT_SHOWN = /^(words|protocol)\/|^main\.tsx$|\.test\.tsx?$/;

it("finds texts that are in no catalogue, and leaves the rest alone", () => {
  const code = `
    const a = <p>Hello you</p>;
    const b = <button aria-label="Close" className="quiet icon">{busy ? "Saving…" : words.app.save}</button>;
    const c = { id: "lesson", label: "Lesson" };
    const d = fail(\`Your file \${name} is gone\`);
    const e = <title>{\`\${lesson.title} · Gradus\`}</title>;
    const f = <kbd>{mac ? "⌘⏎" : "Ctrl ⏎"}</kbd>;
    const g = tone === "failed sadly" && { type: "not graded" };
    const h = <Tabs id="files" label={wide ? "Open files" : undefined} />;
  `;
  expect(strayWords("x.tsx", code)).toEqual([
    { line: 2, text: "Hello you" },
    { line: 3, text: "Close" },
    { line: 3, text: "Saving…" },
    { line: 4, text: "Lesson" },
    { line: 5, text: "Your file  is gone" },
    { line: 9, text: "Open files" },
  ]);
});

it("every text that a person can read is in the catalogues (src/words)", () => {
  const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" });
  const code = files.filter(file => /\.tsx?$/.test(file) && !NOT_SHOWN.test(file));
  expect(code.length).toBeGreaterThan(50);
  const found = code.flatMap(file =>
    strayWords(file, readFileSync(join(SOURCE, file), "utf8")).map(({ line, text }) => `${file}:${line}: ${text}`),
  );
  expect(found).toEqual([]);
});
