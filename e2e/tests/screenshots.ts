/** Retakes docs/screenshots from the real thing: `make screenshots`. docs/screens.md shows them. */
import { resolve } from "node:path";
import { test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { walk } from "../walk.js";

const FOLDER = resolve(import.meta.dirname, "../../docs/screenshots");
const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 360, height: 740 };
/** A fresh Gradus for each: the same story from its beginning. Kept are the screens named; tests look at them all. */
const ALBUMS = [
  {
    size: "wide",
    viewport: WIDE,
    kept: "login lessons lesson settings keys run-failed handed-in-passed history nothing-here machine-stopped",
  },
  { size: "narrow", viewport: NARROW, kept: "login lessons lesson code terminal handed-in-failed" },
];

for (const { size, viewport, kept } of ALBUMS) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`screens, ${size}, ${colorScheme}`, async ({ page }) => {
      test.setTimeout(240_000);
      const gradus = new Gradus();
      await gradus.start();
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await walk(page, gradus, async (screen) => {
        if (!kept.split(" ").includes(screen)) return;
        const path = `${FOLDER}/${screen}-${size}-${colorScheme}.png`;
        // A blinking cursor would change the picture from one run to the next.
        await page.screenshot({ path, caret: "hide", animations: "disabled" });
      });
      await gradus.dispose();
    });
  }
}
