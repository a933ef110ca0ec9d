import type { Words } from "../words";

export const ide: Words["ide"] = {};
