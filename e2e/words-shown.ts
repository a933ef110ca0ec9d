/** What of the page's texts is in no catalogue, and what does not fit its place: read off a page in the pseudo-locale. */
import type { Page } from "@playwright/test";

/** Texts that are not the interface's: a lesson's own, the learner's, a program's. They say so in the page. */
const CONTENT = [
  "html [lang]",
  "[translate=no]",
  ".cm-content",
  ".cm-gutters",
  ".xterm",
  "pre",
  "code",
  "kbd",
  "time",
  "option",
  "title",
  "script",
  "style",
].join(", ");
/** Where a text may not be cut off. */
const MUST_FIT =
  "button, [role=tab], h1, h2, h3, summary, label, legend, select, dt, .badge, .banner p, .status-line span";
const READ_OUT = ["aria-label", "title", "placeholder", "alt"];

export async function strayTexts(page: Page): Promise<string[]> {
  return page.evaluate(
    ([content, attributes]) => {
      const isShown = (element: Element) => element.checkVisibility({ visibilityProperty: true });
      const isFileName = (text: string) => /^[\w./-]+\.\w+$/.test(text);
      const bare = (text: string) =>
        !isFileName(text) &&
        /\p{L}{2}/u.test(text.replace(/\b(Gradus|Ctrl|Alt|Esc|Tab|F\d)\b/g, "")) &&
        !text.includes("⟦");
      const found: string[] = [];
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = texts.nextNode(); node; node = texts.nextNode()) {
        const { parentElement: parent, data } = node as Text;
        if (parent && isShown(parent) && !parent.closest(content) && bare(data)) found.push(data.trim());
      }
      for (const element of document.body.querySelectorAll("*")) {
        if (!isShown(element) || element.closest(content)) continue;
        for (const name of attributes) {
          const value = element.getAttribute(name);
          if (value && bare(value)) found.push(`${name}=${value}`);
        }
      }
      return found;
    },
    [CONTENT, READ_OUT] as const,
  );
}

export async function clippedTexts(page: Page): Promise<string[]> {
  return page.evaluate(
    ([content, mustFit]) => {
      const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
      const found = wide > 0 ? [`the page scrolls sideways by ${wide} px`] : [];
      for (const element of document.body.querySelectorAll<HTMLElement>(mustFit)) {
        if (!element.checkVisibility({ visibilityProperty: true }) || element.closest(content)) continue;
        // Read out only.
        if (element.clientWidth <= 1 || getComputedStyle(element).display === "inline") continue;
        const [over, below] = [
          element.scrollWidth - element.clientWidth,
          element.scrollHeight - element.clientHeight,
        ];
        const { left, right } = element.getBoundingClientRect();
        const outside = Math.max(right - innerWidth, -left);
        const scrolled = element.closest("[role=tablist]");
        if (over > 1 || below > 4 || (outside > 1 && !scrolled)) {
          found.push(
            `${element.tagName.toLowerCase()} “${element.textContent.trim()}” (${over}, ${below}, ${outside})`,
          );
        }
      }
      return found;
    },
    [CONTENT, MUST_FIT] as const,
  );
}
