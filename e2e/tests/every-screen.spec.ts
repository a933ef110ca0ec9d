/** Each screen and state, wide and narrow: axe finds nothing in any colours, every text is in a catalogue and fits. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { speak, walk } from "../walk.js";
import { clippedTexts, strayTexts } from "../words-shown.js";

let gradus: Gradus;
// A fresh one for each width: the walk begins with a lesson nobody has opened.
test.beforeEach(async () => {
  gradus = new Gradus();
  await gradus.start();
});
test.afterEach(() => gradus.dispose());

const COLOURS = [
  { colours: "light", colorScheme: "light", contrast: "no-preference" },
  { colours: "dark", colorScheme: "dark", contrast: "no-preference" },
  { colours: "high contrast", colorScheme: "light", contrast: "more" },
] as const;

async function axeFindings(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const { colours, ...media } of COLOURS) {
    await page.emulateMedia(media);
    const axe = new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]);
    for (const { id, nodes } of (await axe.analyze()).violations) {
      found.push(`${colours}: ${id} at ${nodes.map(({ target }) => target).join(", ")}`);
    }
  }
  return found;
}

for (const [name, viewport] of [
  ["wide", { width: 1440, height: 900 }],
  ["narrow", { width: 360, height: 740 }],
] as const) {
  test(`every screen, ${name}: open to all, in words that can be translated, none cut off`, async ({
    page,
  }) => {
    test.setTimeout(240_000);
    await page.setViewportSize(viewport);
    await speak(page, "pseudo");
    const found: string[] = [];
    await walk(page, gradus, async (screen) => {
      const [axe, stray, clipped] = [
        await axeFindings(page),
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
