import type { Words } from "../words";

export const mentor: Words["mentor"] = {
  link: "Trabajando ahora",
};
