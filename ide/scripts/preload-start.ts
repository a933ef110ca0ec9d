// A Vite plugin: the page asks for the app's scripts at once, although `main.tsx` imports them only after the words.
// Without it a slow link would pay for one more round trip before anything is drawn.
import type { Plugin } from "vite";

const START = /\/src\/start\.tsx$/;

export function preloadStart(): Plugin {
  return {
    name: "gradus-preload-start",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter(output => output.type === "chunk");
        const start = chunks.find(({ facadeModuleId }) => START.test(facadeModuleId ?? ""));
        if (!start) throw new Error("src/start.tsx is not a chunk of its own");
        const files = [start.fileName, ...start.imports].filter(file => !html.includes(file));
        return files.map(file => ({
          tag: "link",
          attrs: { rel: "modulepreload", crossorigin: true, href: `/${file}` },
          injectTo: "head" as const,
        }));
      },
    },
  };
}
