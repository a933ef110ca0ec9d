// Fails the build when a part of the page outgrows its budget. Sizes are gzip -9 bytes, as most learners receive them;
// each part is counted without what earlier parts have brought already.
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { gzipSync } from "node:zlib";

const KB = 1000;

/** What a first visit to a lesson needs, in the order in which it comes. */
const FIRST_VISIT = [
  { part: "shell and lesson", entries: ["index.html", "src/start.tsx", "src/ide/ide.tsx"], budget: 130 * KB },
  { part: "words, largest", each: /^src\/words\//, budget: 15 * KB },
  { part: "editor core", entries: ["src/editor/editor-view.tsx"], budget: 135 * KB },
  { part: "its largest language", each: /@codemirror\/(lang|legacy)|@lezer/, budget: 45 * KB },
  { part: "terminal core", entries: ["src/terminal/terminal-view.tsx"], budget: 90 * KB },
];
/** With a grammar of middling size; the largest, JavaScript's and C++'s, count in the whole below. */
const EDITOR_WITH_PYTHON = 165 * KB;
const PYTHON = "node_modules/@codemirror/lang-python/dist/index.js";
const STYLES = 25 * KB;
const INTERACTIVE = 400 * KB;

/** Fetched when first used. What matches none of these falls under the last: give a larger part a line of its own. */
const ON_USE = [
  { part: "language server client", together: /lsp|language-?(client|server)/i, budget: 25 * KB },
  { part: "two texts side by side", together: /merge|diff/i, budget: 40 * KB },
  { part: "find and replace", together: /^src\/editor\/find/, budget: 15 * KB },
  { part: "terminal add-ons", together: /@xterm\/addon|^src\/terminal\//, budget: 60 * KB },
  { part: "Vim keys", together: /vim/i, budget: 45 * KB },
  { part: "any other, largest", each: /./, budget: 25 * KB },
];
const FONTS = 120 * KB;

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const weights = new Map();
const seen = new Set();
let failed = false;

function weigh(file) {
  if (!weights.has(file)) {
    const bytes = readFileSync(new URL(file, dist));
    weights.set(file, extname(file) === ".woff2" ? bytes.length : gzipSync(bytes, { level: 9 }).length);
  }
  return weights.get(file);
}

const sum = files => [...files].reduce((bytes, file) => bytes + weigh(file), 0);

/** Scripts that `key` loads at once: itself and its static imports. */
function closure(key, files = new Set()) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`${key} is not in the build: mend scripts/check-bundle.mjs`);
  if (files.has(chunk.file)) return files;
  files.add(chunk.file);
  for (const imported of chunk.imports ?? []) closure(imported, files);
  return files;
}

const fresh = keys => new Set(keys.flatMap(key => [...closure(key)]).filter(file => !seen.has(file)));

function row(part, bytes, budget) {
  const over = bytes > budget;
  failed ||= over;
  const kb = count => `${(count / KB).toFixed(1)} KB`.padStart(9);
  console.log(`${part.padEnd(24)}${kb(bytes)} of ${kb(budget)}${over ? "   OVER BUDGET" : ""}`);
  return bytes;
}

const lazy = new Set(Object.keys(manifest).filter(key => manifest[key].isDynamicEntry));
function take(pattern) {
  const taken = [...lazy].filter(key => pattern.test(key));
  for (const key of taken) lazy.delete(key);
  return taken;
}

/** Prints one part and returns its bytes. Alternatives (`each`) are not loaded together: the largest counts. */
function count({ part, entries, together, each, budget }) {
  const keys = entries ?? take(together ?? each);
  const groups = each ? keys.map(key => [key]) : [keys];
  const largest = groups.map(fresh).reduce((most, files) => (sum(files) > sum(most) ? files : most), new Set());
  for (const key of entries ?? []) lazy.delete(key);
  if (!each) for (const file of largest) seen.add(file);
  return row(part, sum(largest), budget);
}

for (const { entries } of FIRST_VISIT) for (const entry of entries ?? []) lazy.delete(entry);
const [shell, words, core, language, terminal] = FIRST_VISIT.map(count);
row("editor with Python", core + sum(fresh([PYTHON])), EDITOR_WITH_PYTHON);
row("styles", sum(new Set(Object.values(manifest).flatMap(chunk => chunk.css ?? []))), STYLES);
// Of the styles those that come with these parts; other screens bring their own.
const firstVisit = FIRST_VISIT.flatMap(({ entries }) => entries ?? []);
const chunks = Object.values(manifest).filter(({ file }) => firstVisit.some(entry => closure(entry).has(file)));
const styles = sum(new Set(chunks.flatMap(chunk => chunk.css ?? [])));
row("interactive lesson", shell + words + core + language + terminal + styles, INTERACTIVE);
for (const part of ON_USE) count(part);
const assets = Object.values(manifest).flatMap(chunk => [chunk.file, ...(chunk.assets ?? [])]);
row("fonts", sum(new Set(assets.filter(file => file.endsWith(".woff2")))), FONTS);
process.exit(failed ? 1 : 0);
