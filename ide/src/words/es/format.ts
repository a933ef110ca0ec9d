import { formatsOf } from "../formats";
import type { Words } from "../words";

export const format: Words["format"] = {
  ...formatsOf("es", "menos de un minuto"),
};
