import { expect, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { lesson } from "../lessons.js";
import { logIn, openLesson, writeFile } from "../screen.js";

const gradus = new Gradus();
const { title, solution } = lesson("py-word-count");
const [[file] = [""]] = solution;

test.beforeAll(() => gradus.start());
test.afterAll(() => gradus.dispose());

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
