// Fails the build when a chunk outgrows its budget. Sizes are gzip -9 bytes, as most learners receive them.
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { gzipSync } from "node:zlib";

const KB = 1000;
/** What each part may weigh; a part is everything its entry needs that an earlier part did not bring. */
const BUDGETS = [
  { part: "shell", entries: ["index.html", "src/start.tsx"], budget: 90 * KB },
  { part: "lesson screen", entries: ["src/ide/ide.tsx"], budget: 40 * KB },
  { part: "editor", entries: ["src/editor/editor-view.tsx"], budget: 140 * KB },
  { part: "largest language", budget: 45 * KB },
  { part: "terminal", entries: ["src/terminal/terminal-view.tsx"], budget: 90 * KB },
];
/** Everything above together: an interactive lesson on the first visit. */
const INTERACTIVE = 400 * KB;
const FONTS = 120 * KB;

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const read = file => readFileSync(new URL(file, dist));
const weigh = file => (extname(file) === ".woff2" ? read(file).length : gzipSync(read(file), { level: 9 }).length);

const seen = new Set();

/** Files that `key` loads at once: itself, its static imports, their styles. */
function closure(key, files = new Set()) {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const imported of chunk.imports ?? []) closure(imported, files);
  return files;
}

function fresh(keys) {
  const files = new Set(keys.flatMap(key => [...closure(key)]).filter(file => !seen.has(file)));
  return [...files].reduce((sum, file) => sum + weigh(file), 0);
}

function remember(keys) {
  for (const key of keys) for (const file of closure(key)) seen.add(file);
}

let failed = false;
let total = 0;
function row(part, bytes, budget) {
  const over = bytes > budget;
  failed ||= over;
  const kb = count => `${(count / KB).toFixed(1)} KB`.padStart(10);
  console.log(`${part.padEnd(18)}${kb(bytes)} of ${kb(budget)}${over ? "   OVER BUDGET" : ""}`);
}

const languages = Object.keys(manifest).filter(key => manifest[key].isDynamicEntry && /@codemirror|@lezer/.test(key));
for (const { part, entries, budget } of BUDGETS) {
  const bytes = entries ? fresh(entries) : Math.max(0, ...languages.map(key => fresh([key])));
  if (entries) remember(entries);
  total += bytes;
  row(part, bytes, budget);
}
row("interactive lesson", total, INTERACTIVE);
const fonts = new Set(
  Object.values(manifest)
    .flatMap(chunk => chunk.assets ?? [])
    .filter(file => file.endsWith(".woff2")),
);
row(
  "fonts",
  [...fonts].reduce((sum, file) => sum + weigh(file), 0),
  FONTS,
);
process.exit(failed ? 1 : 0);
