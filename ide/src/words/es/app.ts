import type { Words } from "../words";

export const app: Words["app"] = {
  allLessons: "Ver todas las lecciones",
  tryAgain: "Intentar de nuevo",
  openingLesson: "Abriendo la lección…",
  asking: "Abriendo Gradus…",
  unreachable: "No se puede llegar a Gradus",
  workIsSafe: "Lo que guardaste está a salvo.",
  nothingHere: "En esta dirección no hay nada",
  nothingHereMore: "Quizá esté mal escrita, o lo que había se ha movido. Todas las lecciones siguen en la lista.",
  partMissing: "No se pudo cargar una parte de esta página. Lo que guardaste está a salvo.",
  reload: "Volver a cargar la página",
  close: "Cerrar",
  skip: "Ir al contenido",
  cancel: "Cancelar",
};
