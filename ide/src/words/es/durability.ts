import type { Words } from "../words";

import { format } from "./format";

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

  history: "Historial",
  historyEmpty: "Lo que guardas y entregas aparece aquí, para que puedas volver a verlo y recuperarlo.",
  fetchingHistory: "Cargando el historial…",
  older: "Mostrar anteriores",
  forgotten: "Lo anterior ya no se conserva.",
  beginning: "Aquí empezaste.",
  today: "Hoy",
  yesterday: "Ayer",
  handedIn: word => `Entregado: ${word}`,
  handInResult: { waiting: "en espera", passed: "superado", not_passed: "no superado", did_not_count: "no contó" },
  showResult: "Ver el resultado",
  by: {
    learner: "tú",
    program: "un programa",
    lesson: "la lección",
    restored: "tú, al volver atrás",
    reset: "tú, al empezar de nuevo",
  },
  changes: { added: "nuevo", changed: "cambiado", removed: "borrado" },
  moreFiles: count => `y ${format.number(count)} más`,
  sameAsNow: "Ahora no hay nada distinto.",
  compared: {
    different: "ahora es distinto",
    only_then: "ahora no está",
    only_now: "no estaba",
  },
  fetchingFiles: "Mirando los archivos…",
  compare: "Comparar",
  compareOne: file => `Comparar ${file}`,
  restore: "Recuperar",
  restoreOne: file => `Recuperar ${file}`,
  removeOne: file => `Quitar ${file}, que no estaba`,
  remove: "Quitar",
  restoreAll: "Recuperar todo",
  restoreTitle: when => `¿Dejar todos los archivos como estaban el ${when}?`,
  restoreHandInTitle: "¿Recuperar los archivos que entregaste?",
  restoreChanges: count =>
    `${format.counted(count, { one: "archivo vuelve", other: "archivos vuelven" })} a ser lo que era.`,
  restoreRemoves: files => `Se quita lo que entonces no estaba: ${files}.`,
  restoreUndo: "Lo que tienes ahora queda en el historial, y puedes deshacer esto.",
  keepNow: "Dejarlos como están",
  restoreUnsaved:
    "Aún no está guardado todo lo que escribiste y se perdería, así que no se cambió nada. Inténtalo cuando esté guardado.",
  compareTitle: file => `${file}, entonces y ahora`,
  asOf: when => `El ${when}`,
  asHandedIn: "Como se entregó",
  now: "Ahora",
  notTextThen: "No es texto, así que no se puede comparar.",
  comparing: "Poniendo ambos lado a lado…",
  close: "Cerrar",

  resetOne: file => `Restablecer ${file}`,
  reset: "Restablecer",
  resetFileTitle: file => `¿Restablecer ${file}?`,
  resetFileMore: "Vuelve a ser lo que la lección te dio al empezar.",
  resetLesson: "Empezar de nuevo",
  resetLessonTitle: "¿Empezar la lección de nuevo?",
  resetLessonMore:
    "Todos los archivos vuelven a ser lo que la lección te dio al empezar, y los que añadiste se quitan, también en tu máquina. Tus entregas se conservan.",
  undo: "Deshacer",
  dismiss: "Cerrar",
  done: {
    restored: files => `Recuperado: ${files}.`,
    reset: files => `Restablecido: ${files}.`,
    undone: files => `Deshecho: ${files}.`,
    nothing: "Ya está todo así.",
  },

  conflictTitle: file => `Dos versiones de ${file}`,
  conflictMore:
    "La otra versión está a la izquierda; la tuya, a la derecha. Puedes editar la tuya aquí y traer partes de la otra con las flechas del medio.",
  conflictMoreNarrow: "Esta es la tuya, con marcas donde la otra difiere. Puedes editarla aquí.",
  theirs: "La otra versión",
  mine: "La tuya",
  look: "Ver las dos",
  keepMine: "Quedarme con la mía",
  keepTheirs: "Quedarme con la otra",
  letGo: "Dejarlo ir",
  saveMerge: "Guardar lo de la derecha",
  saveMergeNarrow: "Guardar lo que se ve",
  later: "Decidir después",
  takeOver: "Traer esto",
};
