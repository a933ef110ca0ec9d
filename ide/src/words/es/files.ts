import type { Words } from "../words";

export const files: Words["files"] = {};
