/** Going back: the timeline with its save points and hand-ins, compare, put back, start over, undo. */
import { expect, type Page, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { lesson } from "../lessons.js";
import { handIn, logIn, openLesson, saved, typeInTerminal, writeFile } from "../screen.js";

const gradus = new Gradus();
const { title, solution } = lesson("py-word-count");
const [[file, right] = ["", ""]] = solution;

test.beforeAll(() => gradus.start());
test.afterAll(() => gradus.dispose());

const editor = (page: Page) => page.getByRole("textbox", { name: file });
const history = (page: Page) => page.getByRole("tabpanel", { name: "History" });
const entries = (page: Page) =>
  history(page)
    .getByRole("listitem")
    .filter({ has: page.locator("time") });

test("a learner hands in, spoils it, looks at both, and goes back to what was handed in", async ({
  page,
}) => {
  await logIn(page, gradus);
  await openLesson(page, title);
  await writeFile(page, file, right);
  await handIn(page);
  await expect(page.getByRole("heading", { name: /all \d+ tests pass/i })).toBeVisible();
  await writeFile(page, file, "# spoilt\n");
  await typeInTerminal(page, "echo made > by-a-program.txt");

  await page.getByRole("tab", { name: "History" }).click();
  await expect(entries(page).first()).toContainText("by-a-program.txt (new)");
  await expect(entries(page).first()).toContainText("you, a program");
  const handedIn = entries(page).filter({ hasText: "Handed in: passed" });
  await handedIn.getByRole("button", { name: /Handed in/ }).click();

  await test.step("both are shown side by side", async () => {
    await handedIn.getByRole("button", { name: `Compare ${file}` }).click();
    const dialog = page.getByRole("dialog", { name: `${file}, then and now` });
    await expect(dialog.getByRole("textbox", { name: "As handed in" })).toContainText("def ");
    await expect(dialog.getByRole("textbox", { name: "Now" })).toContainText("# spoilt");
    await page.keyboard.press("Escape");
  });

  await test.step("it comes back, in the machine too, and the program's file stays", async () => {
    await handedIn.getByRole("button", { name: `Put ${file} back` }).click();
    await expect(page.getByText(`Put back: ${file}.`)).toBeVisible();
    await expect(editor(page)).not.toContainText("# spoilt");
    await saved(page);
    await typeInTerminal(page, `grep -c spoilt ${file}; cat by-a-program.txt`);
    await expect(page.getByRole("region", { name: "Terminal 1" })).toContainText("0");
    await expect(entries(page).first()).toContainText("you, going back");
    await expect(handedIn).toContainText("Nothing is different now");
  });

  await test.step("and that is undone", async () => {
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(editor(page)).toContainText("# spoilt");
  });
});

test("one file is reset, then the whole lesson, and both are undone", async ({ page }) => {
  await logIn(page, gradus);
  await openLesson(page, title);
  await writeFile(page, file, "# mine\n");
  await page.getByRole("button", { name: "New file" }).click();
  await page.getByLabel("Name of the new file").fill("mine.txt");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("treeitem", { name: "mine.txt" })).toBeVisible();

  await page.getByRole("treeitem", { name: file }).click();
  await page.getByRole("button", { name: `Reset ${file}` }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
  await expect(editor(page)).toContainText("def ");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(editor(page)).toContainText("# mine");

  await page.getByRole("tab", { name: "History" }).click();
  await page.getByRole("button", { name: "Start over" }).click();
  const question = page.getByRole("dialog", { name: "Start the lesson over?" });
  await expect(question).toContainText("files you added are removed");
  await question.getByRole("button", { name: "Start over" }).click();
  await expect(editor(page)).toContainText("def ");
  await expect(page.getByRole("treeitem", { name: "mine.txt" })).toBeHidden();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(editor(page)).toContainText("# mine");
  await expect(page.getByRole("treeitem", { name: "mine.txt" })).toBeVisible();
});

test("a point of the timeline is gone back to as a whole, with a question first", async ({ page }) => {
  await logIn(page, gradus);
  await openLesson(page, title);
  await page.getByRole("tab", { name: "History" }).click();
  const beginning = entries(page).last();
  await expect(beginning).toContainText("the lesson");
  await beginning.getByRole("button").first().click();
  await beginning.getByRole("button", { name: "Put everything back" }).click();
  const question = page.getByRole("dialog", { name: /Put all files back/ });
  await expect(question).toContainText("mine.txt");
  await question.getByRole("button", { name: "Put everything back" }).click();
  await expect(page.getByRole("treeitem", { name: "mine.txt" })).toBeHidden();
  await expect(page.getByText(/^Put back: /)).toBeVisible();
});
