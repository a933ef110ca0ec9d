import type { Words } from "../words";

export const editor: Words["editor"] = {};
