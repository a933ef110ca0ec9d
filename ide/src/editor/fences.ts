// Colours the code in lesson texts with the editor's own grammars. Loaded lazily, after the text is there to be read.
import { language as languageFacet } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { classHighlighter, highlightCode } from "@lezer/highlight";
import { languageOf } from "./languages";

/** What authors write after the fence, as the name of a file that would be in that language. */
const NAMES: Record<string, string> = {
  bash: "x.sh",
  console: "x.sh",
  shell: "x.sh",
  sh: "x.sh",
  python: "x.py",
  javascript: "x.js",
  make: "Makefile",
  makefile: "Makefile",
  markdown: "x.md",
};

/** Every `<pre data-lang>` in `place` whose language is known. */
export async function colourFences(place: HTMLElement): Promise<void> {
  const fences = [...place.querySelectorAll<HTMLElement>("pre[data-lang] > code")];
  await Promise.all(fences.map(colour));
}

async function colour(code: HTMLElement): Promise<void> {
  const name = code.parentElement?.dataset.lang?.toLowerCase() ?? "";
  const text = code.textContent ?? "";
  const extension = await languageOf(NAMES[name] ?? `x.${name}`, "");
  const language = EditorState.create({ extensions: extension }).facet(languageFacet);
  if (!language || code.textContent !== text) return;
  const coloured = document.createDocumentFragment();
  const put = (part: string, classes: string) => {
    if (!classes) return coloured.append(part);
    const span = document.createElement("span");
    span.className = classes;
    span.append(part);
    coloured.append(span);
  };
  highlightCode(text, language.parser.parse(text), classHighlighter, put, () => coloured.append("\n"));
  code.replaceChildren(coloured);
}
