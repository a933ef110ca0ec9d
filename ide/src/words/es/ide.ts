import type { Words } from "../words";

export const ide: Words["ide"] = {
  whereYouAre: "Dónde estás",
  lessons: "Lecciones",
  allLessons: "todas las lecciones",
  runTests: "Probar",
  stop: "Detener",
  handIn: "Entregar",
  cannotOpen: "No se puede abrir esta lección",
  lessonTab: "Lección",
  testsTab: "Pruebas",
  historyTab: "Historial",
  codeTab: "Código",
  terminalTab: "Terminal",
  sideTabs: "Lección y resultados",
  resultTabs: "Resultados",
  paneTabs: "Paneles",
  editorHeight: "Altura del editor",
  lessonWidth: "Anchura de la lección",
  closeTab: "Cerrar (Supr)",
  leaveEditor: "Esc y luego Tab: salir del editor",
  leaveTerminal: "F6: salir de la terminal",
};
