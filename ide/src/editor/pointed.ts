// Lines that somebody who looks on points at: marked in the editor, with their name; and the way to a line.
import { type Extension, RangeSetBuilder } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate, WidgetType } from "@codemirror/view";
import { lineToShow, pointed } from "../state/looking-on";
import { screenWords } from "../words/mentor-screens";

class Name extends WidgetType {
  constructor(private readonly name: string) {
    super();
  }
  override eq(other: Name): boolean {
    return other.name === this.name;
  }
  override toDOM(): HTMLElement {
    const label = document.createElement("span");
    label.className = "cm-pointed-name";
    label.textContent = screenWords.pointsHere(this.name);
    return label;
  }
}

export function pointedLines(path: string): Extension {
  const plugin = ViewPlugin.fromClass(
    class {
      marks: DecorationSet;
      private readonly stop: (() => void)[];

      constructor(view: EditorView) {
        this.marks = marksIn(view, path);
        const redraw = () => {
          this.marks = marksIn(view, path);
          view.dispatch({});
        };
        const show = () => scrollTo(view, path);
        this.stop = [pointed.subscribe(redraw), lineToShow.subscribe(show)];
        // Opened for this line: once it is laid out.
        requestAnimationFrame(show);
      }

      update({ docChanged, view }: ViewUpdate): void {
        if (docChanged) this.marks = marksIn(view, path);
      }

      destroy(): void {
        for (const stop of this.stop) stop();
      }
    },
    { decorations: plugin => plugin.marks },
  );
  return [plugin, look];
}

function marksIn({ state: { doc } }: EditorView, path: string): DecorationSet {
  const marks = new RangeSetBuilder<Decoration>();
  const here = pointed.get().filter(({ place }) => place.path === path && place.line <= doc.lines);
  for (const { name, place } of here.sort((a, b) => a.place.line - b.place.line)) {
    const { from, to } = doc.line(place.line);
    marks.add(from, from, Decoration.line({ class: "cm-pointed" }));
    marks.add(to, to, Decoration.widget({ widget: new Name(name), side: 1 }));
  }
  return marks.finish();
}

function scrollTo(view: EditorView, path: string): void {
  const place = lineToShow.get();
  if (place?.path !== path) return;
  // Once: whoever opens the file later wants to be where they were.
  lineToShow.set(null);
  const { from } = view.state.doc.line(Math.min(place.line, view.state.doc.lines));
  view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: "center" }) });
  view.focus();
}

const look = EditorView.theme({
  ".cm-pointed": { backgroundColor: "var(--accent-soft)", boxShadow: "inset 3px 0 0 var(--accent)" },
  ".cm-pointed-name": {
    marginLeft: "16px",
    padding: "0 6px",
    borderRadius: "var(--corner)",
    backgroundColor: "var(--accent)",
    color: "var(--on-accent)",
    fontFamily: "var(--sans)",
    fontSize: "12px",
  },
});
