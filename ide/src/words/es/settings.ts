import type { Words } from "../words";

export const settings: Words["settings"] = {
  menu: name => `${name}: ajustes y salir`,
  colours: "Colores",
  themes: { system: "Los del sistema", light: "Claros", dark: "Oscuros", contrast: "Alto contraste" },
  codeSize: "Tamaño del código",
  pixels: size => `${size} px`,
  wrapLines: "Partir las líneas largas",
  screenReader: "Leer la terminal a los lectores de pantalla",
  language: "Idioma",
  languageFromBrowser: "El del navegador",
  logOut: "Salir",
};
