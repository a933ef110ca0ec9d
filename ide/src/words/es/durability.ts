import type { Words } from "../words";

export const durability: Words["durability"] = {
  noAnswer:
    "El servidor no responde, así que ahora no se pueden crear, renombrar ni borrar archivos. Inténtalo cuando responda.",
  saved: "guardado",
  saving: "guardando…",
  notYet: "sin guardar aún",
  keptHere: "sin guardar aún – conservado en este navegador",
  onlyHere: "sin guardar – solo en esta página",
  refused: "sin guardar",
  conflict: "sin guardar – dos versiones",
  keptNotice:
    "El servidor no responde. Lo que escribes se conserva en este navegador y se guardará cuando vuelva a responder.",
  onlyHereNotice:
    "El servidor no responde, y este navegador no nos deja conservar nada (ventana privada o falta de espacio). Deja esta página abierta hasta que diga «guardado»; seguimos intentándolo.",
  keepingRefused:
    "Este navegador no nos deja conservar nada (ventana privada o falta de espacio). Deja esta página abierta hasta que diga «guardado».",
  tryNow: "Intentar ahora",
  recovered: files =>
    `Lo que escribiste en ${files} antes de cerrarse la página se conservó en este navegador. Ya está aquí otra vez.`,
  good: "Bien",
};
