import { expect, type Page, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { lesson } from "../lessons.js";
import { logIn, openLesson, saved, typeInTerminal, writeFile } from "../screen.js";

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

test("two pages type into one file: what is apart is joined, what collides is shown on both sides and neither is lost", async ({
  page,
  context,
}) => {
  await logIn(page, gradus);
  await openLesson(page, title);
  await writeFile(page, file, "top\n\n\n\nbottom\n");
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(editor(other)).toContainText("bottom");

  await test.step("an edit reaches the server and the other page", async () => {
    const began = Date.now();
    const answered = page.waitForResponse((answer) => answer.request().method() === "PUT" && answer.ok());
    await typeAtEnd(page, "from the first");
    const lastKey = Date.now();
    await answered;
    console.log(`last key → acknowledged: ${Date.now() - lastKey} ms (typed for ${lastKey - began} ms)`);
    await expect(editor(other)).toContainText("from the first");
  });

  await test.step("both typing at once, in different lines", async () => {
    await editor(other).click();
    await other.keyboard.press("ControlOrMeta+Home");
    await Promise.all([
      page.keyboard.type(" and more", { delay: 40 }),
      other.keyboard.type("second ", { delay: 40 }),
    ]);
    for (const one of [page, other]) {
      await expect(editor(one)).toContainText("second top");
      await expect(editor(one)).toContainText("from the first and more");
      await saved(one);
    }
    expect(await stored(page)).toBe("second top\n\n\n\nbottom\nfrom the first and more");
  });

  await test.step("the same line, while one of them is offline: both are shown", async () => {
    await context.route("**/files/**", (route) =>
      route.request().frame().page() === page ? route.abort() : route.continue(),
    );
    await typeAtEnd(page, " MINE");
    await saveState(page, /kept in this browser/);
    await typeAtEnd(other, " THEIRS");
    await saved(other);
    await context.unroute("**/files/**");
    await expect(page.getByText(/was changed elsewhere/)).toBeVisible();
    await expect(editor(page)).toContainText("MINE");
    await page.getByRole("button", { name: "Look at both" }).click();
    const dialog = page.getByRole("dialog", { name: `Two versions of ${file}` });
    await expect(dialog.getByRole("textbox", { name: "The other version" })).toContainText("THEIRS");
    await dialog.getByRole("textbox", { name: "Yours" }).click();
    await page.keyboard.press("ControlOrMeta+End");
    await page.keyboard.type(" MERGED");
  });

  await test.step("a page closed in the middle loses neither", async () => {
    await saveState(page, /two versions/);
    await expect
      .poll(() =>
        page.evaluate(
          () =>
            new Promise<string>((done) => {
              const opened = indexedDB.open("gradus");
              opened.onsuccess = () => {
                const all = opened.result.transaction("drafts").objectStore("drafts").getAll();
                all.onsuccess = () => done(JSON.stringify(all.result));
              };
            }),
        ),
      )
      .toContain("MERGED");
    await page.close();
    const next = await context.newPage();
    await next.goto(`${gradus.address}/lessons/py-word-count`);
    await expect(editor(next)).toContainText("MINE MERGED");
    await next.getByRole("button", { name: "Look at both" }).click();
    const dialog = next.getByRole("dialog", { name: `Two versions of ${file}` });
    await dialog.getByRole("button", { name: "Save what is on the right" }).click();
    await saved(next);
    expect(await stored(next)).toContain("MINE MERGED");
    await expect(editor(other)).toContainText("MINE MERGED");
  });
});

test("a program in the container changes the file that is being edited: both changes are there", async ({
  page,
}) => {
  await logIn(page, gradus);
  await openLesson(page, title);
  await writeFile(page, file, "top\n\n\n\nbottom\n");
  await typeInTerminal(page, `sleep 2; sed -i 's/^top$/changed by a program/' ${file}`);
  await editor(page).click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("typed meanwhile, without a pause worth the name", { delay: 90 });
  await expect(editor(page)).toContainText("changed by a program");
  await expect(editor(page)).toContainText("typed meanwhile, without a pause worth the name");
  await saved(page);
  expect(await stored(page)).toBe(
    "changed by a program\n\n\n\nbottom\ntyped meanwhile, without a pause worth the name",
  );
});

test("a browser that keeps nothing says so, and what is typed is saved all the same once the server answers", async ({
  page,
}) => {
  await page.addInitScript(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException("denied", "SecurityError");
    };
  });
  await logIn(page, gradus);
  await openLesson(page, title);
  await writeFile(page, file, "# begun\n");
  await page.route("**/files/**", (route) => route.abort());
  await typeAtEnd(page, "# only here");
  await saveState(page, /^not saved – only in this page/);
  await expect(page.getByText(/Leave this page open/)).toBeVisible();
  await page.unroute("**/files/**");
  await saved(page);
  expect(await stored(page)).toBe("# begun\n# only here");
});
