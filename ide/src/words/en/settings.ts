export const settings = {
  language: "Language",
  languageFromBrowser: "As the browser",
};
