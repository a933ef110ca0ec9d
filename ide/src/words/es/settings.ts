import type { Words } from "../words";

export const settings: Words["settings"] = {
  menu: name => `${name}: ajustes y salir`,
  logOut: "Salir",
  title: "Ajustes",
  open: "Ajustes",
  kept: "Se guardan en tu cuenta, para todos tus dispositivos.",
  done: "Listo",

  appearance: "Apariencia",
  theme: "Colores",
  themes: { system: "Los del sistema", light: "Claros", dark: "Oscuros", contrast: "Alto contraste" },
  codeSize: "Tamaño del código",
  pixels: size => `${size} px`,
  language: "Idioma",
  languageFromBrowser: "El del navegador",

  editor: "Editor",
  tabKey: "Tecla Tab",
  tabKeys: { indents: "Sangra; Esc y luego Tab sale", moves: "Avanza, como en todas partes" },
  tabWidth: "Ancho de la tabulación",
  columns: width => `${width} columnas`,
  wrapLines: "Partir las líneas largas",
  lineNumbers: "Números de línea",
  vimKeys: "Teclas de Vim",

  terminal: "Terminal",
  contrast: "Colores que eligen los programas",
  contrasts: { none: "Tal como son", readable: "Legibles", high: "Alto contraste" },
  screenReader: "Leer la terminal a los lectores de pantalla",
};
