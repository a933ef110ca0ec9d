/** The workspace's files: the tree, the tabs, their names, and two versions of one file. */
export const files = {
  title: "Files",
  tree: "Files of this lesson",
  tabs: "Open files",
  fetchingAll: "Fetching your files…",
  fetching: (path: string) => `Fetching ${path}…`,
  choose: "Choose a file to see it here.",
  notText: (name: string) => `${name} is not text, so it is not shown here.`,
  readOnly: "read only",
  nameReadOnly: (name: string) => `${name}, read only`,
  notSavedYet: "not saved yet",
  notSaved: (name: string, why: string) => `${name} is not saved: ${why}`,
  fetchingEditor: "Fetching the editor…",

  new: "New file",
  newName: "Name of the new file",
  rename: "Rename",
  renameOne: (name: string) => `Rename ${name}`,
  renamedTo: (name: string) => `New name of ${name}`,
  placeholder: "name.txt",
  remove: "Delete",
  removeOne: (name: string) => `Delete ${name}`,
  removeTitle: (name: string) => `Delete ${name}?`,
  removeFile: "The file is deleted, also in your machine. The history keeps it.",
  removeFolder: "The folder and everything in it is deleted, also in your machine. The history keeps it.",
  keep: "Keep it",

  // What is wrong with a name.
  nameMissing: "Give the file a name.",
  nameLeadsUp: "A name goes down from the lesson's folder: no leading or double slash, no “.” or “..”.",
  nameHasControl: "A name cannot hold control characters or backslashes.",
  nameTooLong: "This name is too long.",
  nameTooDeep: "This is too many folders deep.",
  nameTaken: "There is a file of this name already.",
  nameIsFolder: "There is a folder of this name already.",
  folderIsFile: "One of these folders is a file.",

  notAllSaved: "Not everything in it is saved yet. See the line at the top.",
  changedElsewhere: "It was changed elsewhere meanwhile. Look at it again first.",

  // Someone else stored it meanwhile.
  conflict: (name: string) =>
    `${name} was changed elsewhere – by a program or in another tab – while you were editing it. Your text is still here.`,
  conflictDeleted: (name: string) =>
    `${name} was deleted elsewhere while you were editing it. Your text is still here.`,
};
