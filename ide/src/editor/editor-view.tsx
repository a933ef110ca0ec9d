// The editor's place on the page. Loaded lazily with CodeMirror.
import { useEffect, useRef } from "react";
import type { TextDocument } from "../state/document";
import { jump, takeJump } from "../state/jump";
import type { Helpers } from "../state/language-servers";
import { settings } from "../state/settings";
import { useStore } from "../ui/use-store";
import { Editor } from "./editor";

export default function EditorView({ document, helpers }: { document: TextDocument; helpers?: Helpers }) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | null>(null);
  const chosen = useStore(settings);

  useEffect(() => {
    if (!host.current) return;
    const shown = new Editor(host.current, document, settings.get(), helpers);
    editor.current = shown;
    return () => shown.dispose();
  }, [document, helpers]);

  useEffect(() => editor.current?.apply(chosen), [chosen]);

  const target = useStore(jump);
  useEffect(() => {
    const place = target && takeJump(document.path);
    if (place) editor.current?.goTo(place);
  }, [target, document]);

  return <div className="editor-host" ref={host} />;
}
