// First the words, then the app: its modules read `words` when they are made.
import { settings } from "./state/settings";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/screens.css";
import { bestLanguage, type Catalogue, isCatalogue, loadWords, locale } from "./words/words";

/** `?language=es` shows one page in another language without choosing it; the pseudo-locale is reached so. */
function wanted(): Catalogue {
  const asked = new URLSearchParams(location.search).get("language");
  if (isCatalogue(asked)) return asked;
  const { language } = settings.get();
  return isCatalogue(language) ? language : bestLanguage(navigator.languages);
}

// Words that cannot be fetched must not keep anyone from their work: it goes on in English.
await loadWords(wanted()).catch(() => {});
document.documentElement.lang = locale;
const { start } = await import("./start");
start();
