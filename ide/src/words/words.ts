// The words on the screen. `words` is a live binding: `main.tsx` loads the chosen catalogue before the app is imported, so
// that even tables made at module level read the right one (the tests' setup loads English). Choosing another language
// reloads the page. Knows nothing of settings and of the page.

/** Every catalogue has exactly these areas and keys; a value is a string, or a function that makes one. */
export type Words = typeof import("./en");

/** Languages that can be chosen, by their own names. */
export const LANGUAGES = { en: "English", es: "Español" } as const;
export type Language = keyof typeof LANGUAGES;

/** `pseudo` is English made longer and put in brackets: it shows words that are in no catalogue, and what is clipped. */
export type Catalogue = Language | "pseudo";

export let words: Words;

/** What `Intl` and `<html lang>` are to be told. */
export let locale: Language = "en";

const CATALOGUES: Record<Language, () => Promise<Words>> = { en: () => import("./en"), es: () => import("./es") };

export async function loadWords(catalogue: Catalogue): Promise<void> {
  if (catalogue === "pseudo") {
    const [{ pseudo }, english] = await Promise.all([import("./pseudo"), CATALOGUES.en()]);
    words = pseudo(english);
    return;
  }
  words = await CATALOGUES[catalogue]();
  locale = catalogue;
}

export function isCatalogue(name: unknown): name is Catalogue {
  return name === "pseudo" || (typeof name === "string" && Object.hasOwn(LANGUAGES, name));
}

/** Tests and translators set their browser to this: the pseudo-locale of Android and Chromium. */
const PSEUDO_LOCALE = "en-xa";

/** The first of a person's languages that we speak; `wanted` as in `navigator.languages`. */
export function bestLanguage(wanted: readonly string[]): Catalogue {
  if (wanted[0]?.toLowerCase() === PSEUDO_LOCALE) return "pseudo";
  for (const tag of wanted) {
    const language = tag.toLowerCase().split("-")[0];
    if (language !== undefined && Object.hasOwn(LANGUAGES, language)) return language as Language;
  }
  return "en";
}
