import type { Words } from "../words";

export const editor: Words["editor"] = {
  problemAt: (line, message) => `Línea ${line}: ${message}`,
  serverBroken: "sin sugerencias: su programa se detenía una y otra vez",
};
