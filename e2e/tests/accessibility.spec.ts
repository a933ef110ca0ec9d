import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { lesson } from "../lessons.js";
import { handIn, logIn, openLesson, terminal } from "../screen.js";

const gradus = new Gradus();
const { title } = lesson("py-word-count");

test.beforeAll(() => gradus.start());
test.afterAll(() => gradus.dispose());

async function axeFindsNothing(page: Page, where: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag22aa"]).analyze();
  expect(
    violations.map(({ id, nodes }) => `${where}: ${id} at ${nodes.map((node) => node.target).join(", ")}`),
  ).toEqual([]);
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing on any screen, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.goto(gradus.address);
    await expect(page.getByLabel("Name")).toBeVisible();
    await axeFindsNothing(page, "login");
    await logIn(page, gradus);
    await axeFindsNothing(page, "lessons");
    await openLesson(page, title);
    await axeFindsNothing(page, "lesson");
    await handIn(page);
    await expect(page.getByRole("heading", { name: /of \d+ tests pass/ })).toBeVisible();
    await axeFindsNothing(page, "verdict");
  });
}

test("editor and terminal can be left by keyboard", async ({ page }) => {
  await logIn(page, gradus);
  await openLesson(page, title);
  const editor = page.getByRole("textbox", { name: "wordcount.py" });
  await editor.focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(editor).not.toBeFocused();

  await terminal(page).getByRole("textbox").focus();
  await page.keyboard.press("F6");
  await expect(page.getByRole("tab", { name: "Terminal 1" })).toBeFocused();
});
