import type { Words } from "../words";

export const lesson: Words["lesson"] = {};
