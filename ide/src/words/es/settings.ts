import type { Words } from "../words";

export const settings: Words["settings"] = {
  language: "Idioma",
  languageFromBrowser: "El del navegador",
};
