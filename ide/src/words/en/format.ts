import { formatsOf } from "../formats";

/** Numbers, sizes and times, for the screens and for the other areas of this catalogue. */
export const format = {
  ...formatsOf("en", "less than a minute"),
};
