import type { Words } from "../words";

export const preview: Words["preview"] = {};
