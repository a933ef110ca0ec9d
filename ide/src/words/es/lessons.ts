import type { Words } from "../words";

export const lessons: Words["lessons"] = {};
