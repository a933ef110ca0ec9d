// Which language a file is in, by its name; each grammar is a chunk of its own, fetched when first needed.
import { defineLanguageFacet, Language, type LanguageSupport, StreamLanguage } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { endingOf, nameOf } from "../state/paths";

const MARKDOWN = { commentTokens: { block: { open: "<!--", close: "-->" } } };

type Load = () => Promise<LanguageSupport | Extension>;

const python: Load = async () => (await import("@codemirror/lang-python")).python();
const javascript: Load = async () => (await import("@codemirror/lang-javascript")).javascript({ jsx: true });
const typescript: Load = async () => (await import("@codemirror/lang-javascript")).javascript({ typescript: true });
const cpp: Load = async () => (await import("@codemirror/lang-cpp")).cpp();
const json: Load = async () => (await import("@codemirror/lang-json")).json();
/** The bare grammar: `@codemirror/lang-markdown` brings HTML, CSS and JavaScript with it, 80 KB of them. */
const markdown: Load = async () => {
  const { GFM, parser } = await import("@lezer/markdown");
  return new Language(defineLanguageFacet(MARKDOWN), parser.configure(GFM), [], "markdown");
};
const sql: Load = async () => {
  const { PostgreSQL, sql } = await import("@codemirror/lang-sql");
  return sql({ dialect: PostgreSQL });
};
/** `@codemirror/lang-html` brings CSS and JavaScript with it, three times the size of any other. */
const html: Load = async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/xml")).html);
const css: Load = async () => (await import("@codemirror/lang-css")).css();
const shell: Load = async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/shell")).shell);
const toml: Load = async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/toml")).toml);
const ini: Load = async () =>
  StreamLanguage.define((await import("@codemirror/legacy-modes/mode/properties")).properties);
const yaml: Load = async () => StreamLanguage.define((await import("@codemirror/legacy-modes/mode/yaml")).yaml);
const makefile: Load = async () => StreamLanguage.define((await import("./makefile")).makefile);

const BY_ENDING: Record<string, Load> = {
  py: python,
  js: javascript,
  mjs: javascript,
  cjs: javascript,
  jsx: javascript,
  ts: typescript,
  c: cpp,
  h: cpp,
  cpp: cpp,
  hpp: cpp,
  json: json,
  md: markdown,
  sql: sql,
  sh: shell,
  bash: shell,
  bats: shell,
  toml: toml,
  ini: ini,
  cfg: ini,
  conf: ini,
  properties: ini,
  yaml: yaml,
  yml: yaml,
  html: html,
  htm: html,
  svg: html,
  css: css,
  mk: makefile,
};

/** Files named for what they are rather than by an ending. */
const BY_NAME: Record<string, Load> = {
  ".bashrc": shell,
  ".profile": shell,
  Makefile: makefile,
  makefile: makefile,
  GNUmakefile: makefile,
};

/** The first line of a script without an ending says what runs it. */
const SHEBANGS: [RegExp, Load][] = [
  [/^#!.*\b(ba|da|k|z)?sh\b/, shell],
  [/^#!.*\bpython/, python],
  [/^#!.*\bnode\b/, javascript],
];

export async function languageOf(path: string, firstLine: string): Promise<Extension> {
  const name = nameOf(path);
  const load = BY_ENDING[endingOf(path)] ?? BY_NAME[name] ?? SHEBANGS.find(([pattern]) => pattern.test(firstLine))?.[1];
  // Without its colours a file can still be edited.
  return load ? load().catch(() => []) : [];
}
