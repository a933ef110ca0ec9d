import type { Words } from "../words";

export const durability: Words["durability"] = {};
