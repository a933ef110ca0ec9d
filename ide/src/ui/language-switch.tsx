// Which language the screens speak, each by its own name. `main.tsx` sees the choice and loads the page anew.
import { choose, type Settings, settings } from "../state/settings";
import { LANGUAGES, words } from "../words/words";
import { useStore } from "./use-store";

export function LanguageSwitch({ className }: { className?: string }) {
  const { language } = useStore(settings);
  const put = (next: string) => choose({ language: next as Settings["language"] });
  return (
    <label className={className}>
      {words.settings.language}
      <select value={language} onChange={event => put(event.target.value)}>
        <option value="system">{words.settings.languageFromBrowser}</option>
        {Object.entries(LANGUAGES).map(([code, name]) => (
          <option key={code} value={code} lang={code}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
