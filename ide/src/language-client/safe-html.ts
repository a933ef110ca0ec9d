// Documentation of language servers, made HTML by the client's Markdown renderer, with all but plain text formatting taken
// out. It is text of a program in a container (a docstring may hold anything): no attribute, no link, no image survives.

const KEPT = new Set([
  "P",
  "PRE",
  "CODE",
  "EM",
  "STRONG",
  "UL",
  "OL",
  "LI",
  "BR",
  "HR",
  "BLOCKQUOTE",
  "SPAN",
  "TABLE",
  "THEAD",
  "TBODY",
  "TR",
  "TH",
  "TD",
]);
/** Gone with what is in them; of anything else not kept, its text stays. */
const DROPPED = new Set([
  "SCRIPT",
  "STYLE",
  "TEMPLATE",
  "IFRAME",
  "OBJECT",
  "SVG",
  "MATH",
  "NOSCRIPT",
  "TEXTAREA",
  "TITLE",
]);

export function safeHtml(html: string): string {
  // A document of its own: nothing in it is run or fetched.
  const { body } = new DOMParser().parseFromString(html, "text/html");
  const made = document.createElement("div");
  copy(body, made);
  return made.innerHTML;
}

/** What is kept is made anew; nothing of the original is moved. */
function copy(from: Node, to: Node): void {
  for (const node of from.childNodes) {
    if (node instanceof Text) to.appendChild(document.createTextNode(node.data));
    if (!(node instanceof Element)) continue;
    const name = node.tagName.toUpperCase();
    if (DROPPED.has(name)) continue;
    if (!KEPT.has(name)) copy(node, to);
    else {
      const kept = document.createElement(name);
      // Colours of code: CodeMirror's own class names.
      const colour = name === "SPAN" ? node.getAttribute("class") : null;
      if (colour) kept.className = colour;
      copy(node, to.appendChild(kept));
    }
  }
}
