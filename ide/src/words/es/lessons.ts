import type { Words } from "../words";
import { format } from "./format";

export const lessons: Words["lessons"] = {
  title: "Lecciones",
  lead: "Elige una. Su máquina es tuya, está lista en unos segundos, y lo que escribes se conserva.",
  fetching: "Cargando las lecciones…",
  none: "Todavía no hay lecciones. Aparecen en cuanto se publica una.",
  goOn: "Sigue donde estabas",
  next: "Lo siguiente para ti",
  about: minutes => `Unos ${format.counted(minutes, { one: "minuto", other: "minutos" })}.`,
  minutes: minutes => `${minutes} min`,
  passedOf: (passed, of) => `${passed} de ${of} ${format.plural(passed, { one: "superada", other: "superadas" })}`,
  progress: { passed: "superada", started: "empezada", not_started: "sin empezar" },
};
