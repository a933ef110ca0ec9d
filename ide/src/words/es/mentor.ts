import type { Words } from "../words";

export const mentor: Words["mentor"] = {
  asks: name => `${name} pide mirar.`,
  asksMore:
    "Vería tus archivos y terminales mientras trabajas, y no puede cambiar nada. Puedes terminarlo cuando quieras.",
  allow: "Dejar que mire",
  refuse: "Ahora no",
  looksOn: name => `${name} está mirando.`,
  mayLookOn: name => `${name} puede mirar.`,
  stop: "Terminar",
  pointsHere: name => `${name} señala aquí`,
  pointsAt: (path, line) => `Señala ${path}, línea ${line}.`,
  goThere: "Ir allí",
  forget: "Hecho",
  link: "Trabajando ahora",
};
