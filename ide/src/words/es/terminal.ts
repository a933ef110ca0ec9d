import type { Words } from "../words";

export const terminal: Words["terminal"] = {};
