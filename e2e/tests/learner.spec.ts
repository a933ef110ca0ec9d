import { expect, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { lesson } from "../lessons.js";
import { handIn, logIn, openLesson, terminal, typeInTerminal, writeFile } from "../screen.js";

const gradus = new Gradus();
const { title, solution } = lesson("py-word-count");
const [[file, right] = ["", ""]] = solution;

test.beforeAll(() => gradus.start());
test.afterAll(async () => {
  await gradus.dispose();
  expect(gradus.containers(), "nothing is left over").toEqual([]);
});

test("a learner edits, looks around in the terminal, fails, mends it, and passes", async ({ page }) => {
  await logIn(page, gradus);
  await openLesson(page, title);

  await test.step("the terminal is a real shell in the learner's own container", async () => {
    await typeInTerminal(page, "ls; id -un; echo $((6*7))");
    await expect(terminal(page)).toContainText(file);
    await expect(terminal(page)).toContainText("42");
  });

  await test.step("what is saved in the editor is there in the shell, and the other way round", async () => {
    await writeFile(page, file, "# from the editor\n");
    await typeInTerminal(page, `cat ${file}`);
    await expect(terminal(page)).toContainText("# from the editor");
    await typeInTerminal(page, `echo '# from the shell' > ${file}`);
    await expect(page.getByRole("textbox", { name: file })).toContainText("# from the shell");
  });

  await test.step("running the tests shows which one fails", async () => {
    await page.keyboard.press("ControlOrMeta+Enter");
    await expect(page.getByText(/0 of \d+ tests pass/).first()).toBeVisible();
  });

  await test.step("a wrong hand-in fails", async () => {
    await handIn(page);
    await expect(page.getByRole("heading", { name: /0 of \d+ tests pass/ })).toBeVisible();
  });

  await test.step("a right hand-in passes", async () => {
    await writeFile(page, file, right);
    await handIn(page);
    await expect(page.getByRole("heading", { name: /all \d+ tests pass/i })).toBeVisible();
  });

  await test.step("the list knows", async () => {
    await page.goto(gradus.address);
    await expect(page.getByRole("link", { name: title }).first()).toContainText(/passed/i);
  });
});

test("a reload finds the same shell", async ({ page }) => {
  await logIn(page, gradus);
  await openLesson(page, title);
  await typeInTerminal(page, "marker=still-here; cd /tmp");
  await expect(terminal(page)).toContainText("/tmp");
  await page.reload();
  await expect(terminal(page)).toContainText("marker=still-here");
  await typeInTerminal(page, "echo $marker-in-$PWD");
  await expect(terminal(page)).toContainText("still-here-in-/tmp");
});
