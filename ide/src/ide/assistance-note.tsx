// Says, once and quietly, that a language server was given up. One that the lesson does not bring is not worth a word.
import type { LanguageServers } from "../state/language-servers";
import { useStore } from "../ui/use-store";
import { words } from "../words/words";

export function AssistanceNote({ servers }: { servers: LanguageServers }) {
  const states = Object.values(useStore(servers.view));
  return <span role="status">{states.some(({ type }) => type === "broken") && words.editor.serverBroken}</span>;
}
