import type { Words } from "../words";

export const files: Words["files"] = {
  title: "Archivos",
  tree: "Archivos de esta lección",
  tabs: "Archivos abiertos",
  fetchingAll: "Cargando tus archivos…",
  fetching: path => `Cargando ${path}…`,
  choose: "Elige un archivo para verlo aquí.",
  notText: name => `${name} no es texto, así que no se muestra aquí.`,
  readOnly: "solo lectura",
  nameReadOnly: name => `${name}, solo lectura`,
  notSavedYet: "sin guardar todavía",
  notSaved: (name, why) => `${name} no está guardado: ${why}`,
  fetchingEditor: "Cargando el editor…",

  new: "Nuevo archivo",
  newName: "Nombre del nuevo archivo",
  rename: "Cambiar el nombre",
  renameOne: name => `Cambiar el nombre de ${name}`,
  renamedTo: name => `Nuevo nombre de ${name}`,
  placeholder: "nombre.txt",
  remove: "Eliminar",
  removeOne: name => `Eliminar ${name}`,
  removeTitle: name => `¿Eliminar ${name}?`,
  removeFile: "El archivo se borra, también en tu máquina. El historial lo conserva.",
  removeFolder: "La carpeta y todo lo que contiene se borra, también en tu máquina. El historial lo conserva.",
  keep: "Conservarlo",

  nameMissing: "Ponle un nombre al archivo.",
  nameLeadsUp:
    "El nombre parte de la carpeta de la lección: sin barra al principio, sin barras dobles y sin «.» ni «..».",
  nameHasControl: "Un nombre no puede llevar caracteres de control ni barras invertidas.",
  nameTooLong: "Este nombre es demasiado largo.",
  nameTooDeep: "Son demasiadas carpetas, una dentro de otra.",
  nameTaken: "Ya hay un archivo con este nombre.",
  nameIsFolder: "Ya hay una carpeta con este nombre.",
  folderIsFile: "Una de estas carpetas es un archivo.",

  notAllSaved: "Todavía no está todo guardado. Mira el aviso de arriba.",
  changedElsewhere: "Entretanto cambió en otra parte. Míralo de nuevo antes de seguir.",

  conflict: name =>
    `${name} cambió en otra parte –por un programa o en otra pestaña– mientras lo editabas. Tu texto sigue aquí.`,
  conflictDeleted: name => `${name} se eliminó en otra parte mientras lo editabas. Tu texto sigue aquí.`,
};
