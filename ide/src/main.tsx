// First the words, then the app: its modules read `words` when they are made.
import { settings } from "./state/settings";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/screens.css";
import { bestLanguage, type Catalogue, isCatalogue, loadWords, locale } from "./words/words";

/** `?language=es` shows one page in another language without choosing it. */
const asked = new URLSearchParams(location.search).get("language");

function wanted(): Catalogue {
  const { language } = settings.get();
  if (isCatalogue(asked)) return asked;
  return isCatalogue(language) ? language : bestLanguage(navigator.languages);
}

const spoken = wanted();
try {
  // Words that cannot be fetched must not keep anyone from their work: it goes on in English.
  await loadWords(spoken).catch(() => loadWords("en"));
  document.documentElement.lang = locale;
  const { start } = await import("./start");
  // Chosen here, in another tab or on another device: tables of words are made only once, so the page is loaded anew.
  settings.subscribe(() => wanted() !== spoken && location.reload());
  start();
} catch (why) {
  console.error(why);
  // The one text that cannot come from a catalogue.
  document.body.append(
    "Gradus could not be loaded. Please load the page again. – Vuelve a cargar la página, por favor.",
  );
}
