/** Retakes docs/screenshots from the real thing: `make screenshots`. */
import { resolve } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { lesson } from "../lessons.js";
import { handIn, logIn, openLesson, typeInTerminal, writeFile } from "../screen.js";

const FOLDER = resolve(import.meta.dirname, "../../docs/screenshots");
// A fresh one for each theme: the same story from the beginning.
let gradus: Gradus;
const { title, solution } = lesson("py-word-count");
const [[file, right] = ["", ""]] = solution;

test.beforeEach(async () => {
  gradus = new Gradus();
  await gradus.start();
});
test.afterEach(() => gradus.dispose());

async function shoot(page: Page, name: string): Promise<void> {
  // A blinking cursor would change the picture from one run to the next.
  await page.screenshot({ path: `${FOLDER}/${name}.png`, caret: "hide", animations: "disabled" });
}

for (const theme of ["light", "dark"] as const) {
  test(`screens, ${theme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme });
    await page.goto(gradus.address);
    await expect(page.getByLabel("Name")).toBeVisible();
    await shoot(page, `login-${theme}`);

    await logIn(page, gradus);
    await shoot(page, `lessons-${theme}`);

    await openLesson(page, title);
    await typeInTerminal(page, "ls -l && python3 --version");
    await expect(page.getByText(/Python 3\.\d+\.\d+/)).toBeVisible();
    await shoot(page, `ide-${theme}`);

    await handIn(page);
    await expect(page.getByRole("heading", { name: /of \d+ tests pass/ })).toBeVisible();
    await shoot(page, `failed-${theme}`);

    await writeFile(page, file, right);
    await handIn(page);
    await expect(page.getByRole("heading", { name: /all \d+ tests pass/i })).toBeVisible();
    await shoot(page, `passed-${theme}`);

    await page.setViewportSize({ width: 360, height: 740 });
    await shoot(page, `narrow-${theme}`);
  });
}
