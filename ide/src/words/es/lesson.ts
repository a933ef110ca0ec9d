import type { Words } from "../words";
import { format } from "./format";

const { counted } = format;

export const lesson: Words["lesson"] = {
  fetching: "Cargando la lección…",
  task: "La tarea",
  contents: "Páginas de esta lección",
  turnPage: "Pasar la página",
  previousPage: "Anterior:",
  nextPage: "Siguiente:",
  hints: "Pistas",
  hint: (number, of) => `Pista ${number} de ${of}`,
  showHint: "Ver una pista",
  showNextHint: "Ver la siguiente pista",
  hintCount: (number, of) => `${number} de ${of}`,
  passed: "Ya superaste esta lección.",
  onward: "Lo que sigue",
  nextLesson: title => `Siguiente lección: ${title}`,
  compare: "Comparar con la solución del autor",
  solution: "La solución del autor",
  solutionIsOneWay: "Una manera de hacerlo, junto a la tuya. Nada de aquí cambia tus archivos.",
  solutionFiles: "Archivos de la solución",
  fetchingSolution: "Cargando la solución…",
  sameAsSolution: "Tu archivo es igual al del autor.",
  mine: path => `Tu texto, ${path}`,
  theirs: path => `El del autor, ${path}`,
  solutionAfterPassing: "Cuando la superes, podrás comparar tu trabajo con la solución del autor.",
  solutionAfterHandIns: left =>
    `La solución del autor se abre cuando la superes, o después de ${counted(left, { one: "entrega más", other: "entregas más" })}.`,
};
