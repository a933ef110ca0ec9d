// A Vite plugin that writes a .br and a .gz beside every text asset, so that the server only picks the file.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** Fonts and images are compressed already. */
const TEXT = /\.(js|css|html|svg|json)$/;

export function precompress(): Plugin {
  let out = "dist";
  return {
    name: "gradus-precompress",
    apply: "build",
    configResolved: config => {
      out = config.build.outDir;
    },
    closeBundle() {
      for (const name of readdirSync(out, { recursive: true, encoding: "utf8" })) {
        if (!TEXT.test(name)) continue;
        const bytes = readFileSync(join(out, name));
        writeFileSync(join(out, `${name}.gz`), gzipSync(bytes, { level: 9 }));
        const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        writeFileSync(join(out, `${name}.br`), brotliCompressSync(bytes, { params: quality }));
      }
    },
  };
}
