// English: the catalogue that the others follow. One file per area of the screen.
export { app } from "./app";
export { codemirror } from "./codemirror";
export { durability } from "./durability";
export { editor } from "./editor";
export { files } from "./files";
export { format } from "./format";
export { ide } from "./ide";
export { lesson } from "./lesson";
export { lessons } from "./lessons";
export { login } from "./login";
export { mentor } from "./mentor";
export { preview } from "./preview";
export { problems } from "./problems";
export { results } from "./results";
export { session } from "./session";
export { settings } from "./settings";
export { terminal } from "./terminal";
