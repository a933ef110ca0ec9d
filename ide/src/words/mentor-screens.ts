// The words of the screens of those who look on, in the chosen language.
import { mentorScreens as english } from "./en/mentor-screens";
import { mentorScreens as spanish } from "./es/mentor-screens";
import { locale } from "./words";

export const screenWords = locale === "es" ? spanish : english;
