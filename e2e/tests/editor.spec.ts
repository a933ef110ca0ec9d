/** The editor as people set it up and use it: by keyboard, on every device, and helped where the lesson can. */
import { type Browser, expect, type Locator, type Page, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { lesson } from "../lessons.js";
import { logIn, openLesson, saved, typeInTerminal, writeFile } from "../screen.js";

const gradus = new Gradus();
const python = lesson("py-word-count");
const shell = lesson("sh-pipes");
/** Starting an interpreter with its libraries in a container, on a machine that has other things to do. */
const SERVER_STARTS_WITHIN_MS = 30_000;

test.beforeAll(() => gradus.start());
test.afterAll(() => gradus.dispose());

const editor = (page: Page, name = "wordcount.py"): Locator => page.getByRole("textbox", { name });
const settings = (page: Page): Locator => page.getByRole("dialog", { name: "Settings" });

/** What another browser of the same learner shows: nothing of this one's is in it but the account. */
async function otherDevice(browser: Browser): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await logIn(page, gradus);
  return page;
}

async function open(page: Page, { title }: { title: string }): Promise<void> {
  await logIn(page, gradus);
  await openLesson(page, title);
}

/** Resolves when the server has a choice that is made from here on. */
const settingsKept = (page: Page) =>
  page.waitForResponse(
    (answer) => answer.url().endsWith("/me/settings") && answer.request().method() === "PATCH",
  );

test("Vim keys, once chosen, survive a reload and are there on another device", async ({ page, browser }) => {
  await open(page, python);
  await writeFile(page, "wordcount.py", "first\nsecond\nthird\n");
  await page.keyboard.press("ControlOrMeta+,");
  await settings(page).getByLabel("Vim keys").check();
  const kept = settingsKept(page);
  await page.keyboard.press("Escape");
  expect((await kept).ok()).toBe(true);
  await expect(editor(page), "the focus is back where it was").toBeFocused();

  const useVim = async (on: Page) => {
    await expect(on.getByText("--NORMAL--")).toBeVisible();
    await editor(on).click();
    await on.keyboard.type("ggdd");
  };
  await useVim(page);
  await expect(editor(page)).not.toContainText("first");
  await saved(page);

  await page.reload();
  await useVim(page);
  await expect(editor(page)).not.toContainText("second");
  await saved(page);

  const other = await otherDevice(browser);
  await openLesson(other, python.title);
  await useVim(other);
  await expect(editor(other)).not.toContainText("third");
  await other.keyboard.press("ControlOrMeta+,");
  await settings(other).getByLabel("Vim keys").uncheck();
  const undone = settingsKept(other);
  await settings(other).getByRole("button", { name: "Done" }).click();
  await expect(other.getByText("--NORMAL--")).toBeHidden();
  // The other stories go on without.
  expect((await undone).ok()).toBe(true);
  await other.context().close();
});

test("finding, replacing and going to a line need no mouse", async ({ page }) => {
  await open(page, python);
  await writeFile(page, "wordcount.py", "apple pear\nApple plum\napple fig\n");
  await page.keyboard.press("ControlOrMeta+f");
  await expect(page.getByRole("textbox", { name: "Find" })).toBeFocused();
  await page.keyboard.type("apple");
  await page.getByRole("checkbox", { name: "match case" }).press("Space");
  await page.getByRole("textbox", { name: "Replace" }).focus();
  await page.keyboard.type("grape");
  await page.getByRole("button", { name: "replace all" }).press("Enter");
  await page.keyboard.press("Escape");
  await expect(editor(page)).toHaveText("grape pearApple plumgrape fig");
  await expect(editor(page)).toBeFocused();

  await page.keyboard.press("ControlOrMeta+Alt+g");
  await page.keyboard.type("2\n");
  await page.keyboard.press("ControlOrMeta+/");
  await expect(editor(page)).toHaveText("grape pear# Apple plumgrape fig");
  // Two cursors: both lines change.
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.press("ControlOrMeta+Alt+ArrowDown");
  await page.keyboard.type("x");
  await expect(editor(page)).toHaveText("xgrape pearx# Apple plumgrape fig");
});

test("Tab indents, Escape and Tab leave, and Ctrl-M changes which", async ({ page }) => {
  await open(page, python);
  await writeFile(page, "wordcount.py", "a");
  await page.keyboard.press("ControlOrMeta+Home");
  await page.keyboard.press("Tab");
  await expect(editor(page)).toHaveText("    a");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(editor(page)).not.toBeFocused();

  const hint = page.getByRole("status").filter({ hasText: "Ctrl-M makes it indent" });
  await editor(page).focus();
  await page.keyboard.press("Control+m");
  await expect(hint).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(editor(page)).not.toBeFocused();
  await editor(page).focus();
  await page.keyboard.press("Control+m");
  await expect(hint).toBeHidden();

  await page.keyboard.press("F1");
  const help = page.getByRole("dialog", { name: "Keyboard help" });
  await expect(help).toContainText("Leave the terminal");
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();
  await expect(editor(page)).toBeFocused();
});

test("high contrast is just that", async ({ page }) => {
  await open(page, python);
  await page.getByRole("button", { name: /settings and log out/ }).click();
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  await settings(page)
    .getByRole("combobox", { name: /^Colours(?! that)/ })
    .selectOption("High contrast");
  await settings(page).getByLabel("Size of code").selectOption("20 px");
  await settings(page).getByRole("button", { name: "Done" }).click();
  const [ink, paper, size] = await editor(page).evaluate((element) => {
    const { color, fontSize } = getComputedStyle(element);
    return [color, getComputedStyle(element.closest(".cm-editor") as Element).backgroundColor, fontSize];
  });
  expect([ink, paper, size]).toEqual(["rgb(255, 255, 255)", "rgb(0, 0, 0)", "20px"]);
});

test("the lesson's language server completes, finds problems, and knows where things are", async ({
  page,
}) => {
  await open(page, python);
  await writeFile(page, "wordcount.py", "import json\n\ndef count_words(text):\n    return missing_name\n");
  // Typing is what starts it.
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("x = 1\n");
  const problem = page.locator(".cm-lint-marker").first();
  await expect(problem).toBeVisible({ timeout: SERVER_STARTS_WITHIN_MS });

  await page.keyboard.type("json.du");
  const suggestions = page.getByRole("listbox", { name: "Completions" });
  await expect(suggestions).toContainText("dumps", { timeout: SERVER_STARTS_WITHIN_MS });
  // A key that comes with the list's first 75 ms is taken for typing: CodeMirror's interactionDelay.
  await page.waitForTimeout(200);
  await page.keyboard.press("Enter");
  await expect(editor(page)).toContainText(/json\.dumps?/);

  // What was typed is used now: one problem is left.
  await expect(page.locator(".cm-lint-marker")).toHaveCount(1, { timeout: SERVER_STARTS_WITHIN_MS });
  await page.keyboard.press("F8");
  await expect(page.locator(".cm-tooltip")).toContainText("missing_name");
  await expect(page.locator(".cm-announced")).toContainText("Line 4");
});

test("what a server sends is text, whatever a docstring holds", async ({ page }) => {
  await open(page, python);
  const evil = '"""<img src=x onerror="document.title=1"><script>document.title=2</script> **Bold** words"""';
  await writeFile(page, "wordcount.py", `def trap():\n    ${evil}\n\ntrap()\n`);
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("trap");
  await expect(page.getByRole("listbox", { name: "Completions" })).toContainText("trap", {
    timeout: SERVER_STARTS_WITHIN_MS,
  });
  await page.keyboard.press("Escape");
  await page.keyboard.type("()\n");
  await editor(page).getByText("trap", { exact: true }).first().hover();
  const shown = page.locator(".cm-lsp-documentation");
  await expect(shown).toContainText("words");
  expect(await shown.evaluate((element) => element.querySelectorAll("img, script, [onerror]").length)).toBe(
    0,
  );
  await expect(page).toHaveTitle(/Gradus/);
});

test("a program's change reaches the server too; one that is killed comes back, then stays off quietly", async ({
  page,
}) => {
  await open(page, python);
  await writeFile(page, "wordcount.py", "good = 1\n");
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("good\n");
  // Else both would have changed it, and the learner would be asked.
  await saved(page);
  await typeInTerminal(
    page,
    "until pgrep -f gradus-language; do :; done; echo 'undefined_thing' > wordcount.py",
  );
  await expect(editor(page)).toHaveText("undefined_thing");
  await expect(page.locator(".cm-lint-marker").first()).toBeVisible({ timeout: SERVER_STARTS_WITHIN_MS });
  const off = page.getByRole("status").filter({ hasText: "suggestions are off" });
  await typeInTerminal(
    page,
    "for i in 1 2 3; do until pkill -9 -f gradus-language; do sleep 0.1; done; sleep 1; done",
  );
  await expect(off).toBeVisible({ timeout: SERVER_STARTS_WITHIN_MS });
  await writeFile(page, "wordcount.py", "still_editable = 1\n");
});

test("a lesson without a server says nothing of it", async ({ page }) => {
  const complaints: string[] = [];
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  await open(page, shell);
  await page.getByRole("treeitem", { name: "visitors.sh" }).click();
  await editor(page, "visitors.sh").click();
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("# a comment\n");
  await saved(page);
  await expect(page.locator(".cm-lint-marker, .cm-gutter-lint")).toHaveCount(0);
  await expect(page.getByText("suggestions are off")).toHaveCount(0);
  expect(complaints.filter((text) => !text.includes("401"))).toEqual([]);
});
