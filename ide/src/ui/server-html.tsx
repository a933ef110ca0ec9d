// Lesson texts: HTML that the server made from Markdown and sanitised. The only place where HTML is put into the page;
// what comes out of containers never passes here.
import { type MouseEvent, useEffect, useRef } from "react";
import { LESSON_LANGUAGE } from "../state/lesson-list";

export function ServerHtml({ html }: { html: string }) {
  const place = useRef<HTMLDivElement>(null);
  // Long lines of code scroll sideways; the keyboard has to reach them too.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the elements come from `html`
  useEffect(() => {
    const shown = place.current;
    for (const code of shown?.querySelectorAll("pre") ?? []) code.tabIndex = 0;
    // Colours are the editor's, which comes anyway; without them the text can be read as well.
    if (shown?.querySelector("pre[data-lang]")) {
      import("../editor/fences").then(({ colourFences }) => colourFences(shown)).catch(() => {});
    }
  }, [html]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: only redirects clicks on the links inside, which keys press too
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div
      ref={place}
      className="prose"
      lang={LESSON_LANGUAGE}
      onClick={openOutside}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: sanitised by the server, see api/src/markdown.rs
      dangerouslySetInnerHTML={{ __html: html }}
    />
  );
}

/** A link in a lesson must not take the learner's page away. */
function openOutside(event: MouseEvent): void {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  if (!(link instanceof HTMLAnchorElement) || link.hash !== "") return;
  event.preventDefault();
  window.open(link.href, "_blank", "noopener,noreferrer");
}
