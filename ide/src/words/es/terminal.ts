import type { Words } from "../words";

export const terminal: Words["terminal"] = {
  title: id => `Terminal ${id}`,
  tab: id => `terminal ${id}`,
  list: "Terminales",
  open: "Nueva terminal",
  openFirst: "Abrir una terminal",
  openAnother: "Abrir otra",
  none: "No hay ninguna terminal abierta.",
  fetching: "Cargando la terminal…",
  ended: "Esta shell ha terminado.",
  endedWithCode: code => `Esta shell ha terminado con el código ${code}.`,
  endedBySignal: signal => `Esta shell ha terminado: ${signal}.`,
  gap: "Lo que había aquí antes ya no se conserva; la terminal sigue debajo.",
  tooMuchToPaste: "Es demasiado para pegarlo de una vez. Ponlo mejor en un archivo.",
  askedWithFiles: "Tu máquina se pide junto con tus archivos.",
  noMachine: "Todavía no hay máquina. Mientras tanto puedes leer y editar.",
  machineStopped: "Tu máquina está detenida. Tus archivos se conservan.",
  queued: "Esperando una máquina libre. Mientras tanto puedes leer y editar.",
  starting: "Iniciando tu máquina…",
  soon: "Aquí se abre una shell en cuanto tu máquina esté lista.",

  linkTitle: "¿Abrir esta dirección?",
  linkMore: "Un programa de tu terminal muestra este enlace. Lleva fuera de Gradus:",
  stayHere: "Quedarme aquí",
  openInNewTab: "Abrir en otra pestaña",
};
