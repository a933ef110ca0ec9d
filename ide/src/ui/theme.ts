// Puts the chosen colours on the page, following the system while that is the choice. The terminal draws on its own and
// asks here which colours are on.
import { settings } from "../state/settings";
import { Store } from "../state/store";

export type Colours = "light" | "dark" | "contrast";

const darkSystem = matchMedia("(prefers-color-scheme: dark)");
const moreContrast = matchMedia("(prefers-contrast: more)");

export const colours = new Store<Colours>(wanted());

function wanted(): Colours {
  const { theme } = settings.get();
  if (theme !== "system") return theme;
  if (moreContrast.matches) return "contrast";
  return darkSystem.matches ? "dark" : "light";
}

function apply(): void {
  const page = document.documentElement;
  page.dataset.theme = wanted();
  page.style.setProperty("--code-size", `${settings.get().codeSize}px`);
  colours.set(wanted());
}

export function startTheme(): void {
  apply();
  settings.subscribe(apply);
  darkSystem.addEventListener("change", apply);
  moreContrast.addEventListener("change", apply);
}
