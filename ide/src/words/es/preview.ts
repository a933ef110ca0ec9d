import type { Words } from "../words";

export const preview: Words["preview"] = {
  open: "Vista previa",
  region: "Vista previa",
  back: "Terminales",
  list: "Vistas previas",
  address: "Dirección en la vista previa",
  host: port => `localhost:${port}`,
  reload: "Recargar la vista previa",
  newTab: "Abrir en otra pestaña",
  frame: title => `${title}: lo que muestra tu servidor`,
  opening: "Abriendo la vista previa…",
  noMachine: "La vista previa muestra lo que responde tu servidor. Se abre aquí cuando tu máquina esté en marcha.",
  stopped: "Tu máquina está detenida, y tu servidor con ella. Iníciala de nuevo para ver la vista previa.",
  tryAgain: "Probar otra vez",
  newTabBlocked: "Tu navegador no abrió la pestaña. Permite que este sitio lo haga y prueba otra vez.",
};
