import type { Words } from "../words";

export const lesson: Words["lesson"] = {
  fetching: "Cargando la lección…",
  text: "Texto de la lección",
  hints: "Pistas",
  hint: (number, of) => `Pista ${number} de ${of}`,
  showHint: "Ver una pista",
  showNextHint: "Ver la siguiente pista",
  hintCount: (number, of) => `${number} de ${of}`,
  passed: "Ya superaste esta lección.",
  goOn: "Sigue con la próxima",
};
