/** The account's menu and the settings dialog. */
export const settings = {
  menu: (name: string) => `${name}: settings and log out`,
  logOut: "Log out",
  title: "Settings",
  open: "Settings",
  kept: "Kept with your account, on every device.",
  done: "Done",

  appearance: "Appearance",
  theme: "Colours",
  themes: { system: "As the system", light: "Light", dark: "Dark", contrast: "High contrast" },
  codeSize: "Size of code",
  pixels: (size: number) => `${size} px`,
  language: "Language",
  languageFromBrowser: "As the browser",

  editor: "Editor",
  tabKey: "Tab key",
  tabKeys: { indents: "Indents; Esc then Tab leaves", moves: "Moves on, as everywhere" },
  tabWidth: "Width of a tab",
  columns: (width: number) => `${width} columns`,
  wrapLines: "Wrap long lines",
  lineNumbers: "Line numbers",
  vimKeys: "Vim keys",

  terminal: "Terminal",
  contrast: "Colours that programs choose",
  contrasts: { none: "As they are", readable: "Readable", high: "High contrast" },
  screenReader: "Read the terminal out to screen readers",
};
