import type { Words } from "../words";

export const problems: Words["problems"] = {};
