// Run after `npm install`: writes into package-lock.json the builds of Biome for other systems. npm leaves out those
// that the registry in use does not carry, and `npm ci` then refuses the lock everywhere. They are optional: each
// machine fetches its own only.   node scripts/complete-lock.mjs [path/to/package-lock.json]
import { readFileSync, writeFileSync } from "node:fs";

const file = process.argv[2] ?? new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));
const { packages } = lock;
const biome = packages["node_modules/@biomejs/biome"];

for (const [name, version] of Object.entries(biome.optionalDependencies)) {
  const [os, cpu, libc] = name.replace("@biomejs/cli-", "").split("-");
  packages[`node_modules/${name}`] ??= {
    version,
    cpu: [cpu],
    dev: true,
    ...(os === "linux" ? { libc: [libc ?? "glibc"] } : {}),
    license: biome.license,
    optional: true,
    os: [os],
    engines: biome.engines,
  };
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
