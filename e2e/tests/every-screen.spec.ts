/** Each screen and state, wide and narrow: axe finds nothing in any colours, every text is in a catalogue and fits. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { walk } from "../walk.js";
import { clippedTexts, strayTexts } from "../words-shown.js";

// English, a third longer and in brackets.
test.use({ locale: "en-XA" });

let gradus: Gradus;
// A fresh one for each width: the walk begins with a lesson nobody has opened.
test.beforeEach(async () => {
  gradus = new Gradus();
  await gradus.start();
});
test.afterEach(() => gradus.dispose());

// Motion would have axe measure colours on their way from one to the other.
const LIGHT = { colorScheme: "light", contrast: "no-preference", reducedMotion: "reduce" } as const;
const DARK = { ...LIGHT, colorScheme: "dark" } as const;
const CONTRAST = { ...LIGHT, contrast: "more" } as const;
const LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** All of axe in light; in the other colours only whether everything can be read. */
async function axeFindings(page: Page, colours: "dark" | "high contrast"): Promise<string[]> {
  await page.emulateMedia(LIGHT);
  const found = await findings(new AxeBuilder({ page }).withTags(LEVELS), "light");
  await page.emulateMedia(colours === "dark" ? DARK : CONTRAST);
  found.push(...(await findings(new AxeBuilder({ page }).withRules("color-contrast"), colours)));
  await page.emulateMedia(LIGHT);
  return found;
}

async function findings(axe: AxeBuilder, colours: string): Promise<string[]> {
  const { violations } = await axe.analyze();
  return violations.map(
    ({ id, nodes }) => `${colours}: ${id} at ${nodes.map(({ target }) => target).join(", ")}`,
  );
}

for (const [name, viewport, colours] of [
  ["wide", { width: 1440, height: 900 }, "dark"],
  ["narrow", { width: 360, height: 740 }, "high contrast"],
] as const) {
  test(`every screen, ${name}: open to all, in words that can be translated, none cut off`, async ({
    page,
  }) => {
    test.setTimeout(240_000);
    await page.setViewportSize(viewport);
    const found: string[] = [];
    await walk(page, gradus, async (screen) => {
      const [axe, stray, clipped] = [
        await axeFindings(page, colours),
        await strayTexts(page),
        await clippedTexts(page),
      ];
      found.push(...axe.map((what) => `${screen}: ${what}`));
      found.push(...stray.map((what) => `${screen}: in no catalogue: ${what}`));
      found.push(...clipped.map((what) => `${screen}: cut off: ${what}`));
    });
    expect(found).toEqual([]);
  });
}
