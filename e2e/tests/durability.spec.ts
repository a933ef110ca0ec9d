import { expect, type Page, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { lesson } from "../lessons.js";
import { logIn, openLesson, saved, writeFile } from "../screen.js";

const gradus = new Gradus();
const { title, solution } = lesson("py-word-count");
const [[file] = [""]] = solution;

test.beforeAll(() => gradus.start());
test.afterAll(() => gradus.dispose());

const editor = (page: Page) => page.getByRole("textbox", { name: file });
const saveState = (page: Page, words: RegExp) =>
  expect(page.getByRole("status").filter({ hasText: words })).toBeVisible();

/** Types at the very end, as a person does: key by key. */
async function typeAtEnd(page: Page, text: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type(text);
}

/** What the server has, asked without a browser's memory in between. */
async function stored(page: Page): Promise<string> {
  return page.evaluate(async (path) => {
    const opened = await fetch("/api/v1/lessons/py-word-count/workspace", { method: "POST" });
    const { id } = await opened.json();
    const read = await fetch(`/api/v1/workspaces/${id}/files/${path}`);
    return (await read.json()).content.data;
  }, file);
}

test("what was shown as saved survives kill -9, and no container is left over", async ({ page }) => {
  await logIn(page, gradus);
  await openLesson(page, title);
  for (let edit = 1; edit <= 5; edit++) await writeFile(page, file, `# edit ${edit}\n`);
  expect(gradus.containers()).not.toEqual([]);

  await gradus.kill();
  // Containers end by themselves: the guest's socket closed.
  await expect.poll(() => gradus.running(), { timeout: 20_000 }).toEqual([]);
  // One that was only just created never ran; the next start removes it.
  const left = gradus.containers();

  await gradus.start();
  await expect.poll(() => gradus.containers().filter((name) => left.includes(name))).toEqual([]);
  await page.reload();
  await expect(page.getByRole("textbox", { name: file })).toContainText("# edit 5");
});

test("what is typed without a network is kept in the browser, outlives a reload, and is saved on return", async ({
  page,
  context,
}) => {
  await logIn(page, gradus);
  await openLesson(page, title);
  await writeFile(page, file, "# begun online\n");
  await context.setOffline(true);
  await typeAtEnd(page, "# typed offline");
  await saveState(page, /^not saved yet – kept in this browser/);
  // The page comes back before the files do.
  await context.route("**/api/v1/workspaces/*/files/**", (route) => route.abort());
  await context.setOffline(false);
  await page.reload();
  await expect(editor(page)).toContainText("# typed offline");
  await saveState(page, /^not saved yet – kept in this browser/);
  expect(await page.evaluate(() => indexedDB.databases())).toMatchObject([{ name: "gradus" }]);

  await context.unroute("**/api/v1/workspaces/*/files/**");
  await saved(page);
  expect(await stored(page)).toBe("# begun online\n# typed offline");
});

test("what is typed while the server is killed is there after it returns, in a new page", async ({
  page,
  context,
}) => {
  await logIn(page, gradus);
  await openLesson(page, title);
  await writeFile(page, file, "# before\n");
  await gradus.kill();
  await typeAtEnd(page, "# while it was dead");
  await saveState(page, /kept in this browser/);
  await page.close();

  await gradus.start();
  const next = await context.newPage();
  await next.goto(`${gradus.address}/lessons/py-word-count`);
  await expect(editor(next)).toContainText("# while it was dead");
  await saved(next);
  await expect(next.getByText(/kept in this browser. It is back/)).toBeVisible();
  expect(await stored(next)).toBe("# before\n# while it was dead");
});
