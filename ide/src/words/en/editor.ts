/** What the editor says beyond CodeMirror's own words. */
export const editor = {
  problemAt: (line: number, message: string) => `Line ${line}: ${message}`,
  serverBroken: "suggestions are off: their program kept stopping",
};
