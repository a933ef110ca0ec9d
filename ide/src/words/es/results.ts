import type { Words } from "../words";

export const results: Words["results"] = {};
