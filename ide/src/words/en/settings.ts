/** What a person chooses about the screens. */
export const settings = {
  menu: (name: string) => `${name}: settings and log out`,
  colours: "Colours",
  themes: { system: "As the system", light: "Light", dark: "Dark", contrast: "High contrast" },
  codeSize: "Size of code",
  pixels: (size: number) => `${size} px`,
  wrapLines: "Wrap long lines",
  screenReader: "Read the terminal out to screen readers",
  language: "Language",
  languageFromBrowser: "As the browser",
  logOut: "Log out",
};
