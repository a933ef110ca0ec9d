import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { lesson } from "../lessons.js";
import { logIn, openLesson, terminal, typeInTerminal, writeFile } from "../screen.js";

const gradus = new Gradus();
const { title, solution } = lesson("py-word-count");
const [[file] = [""]] = solution;

test.beforeAll(() => gradus.start());
test.afterAll(() => gradus.dispose());

async function axeFindsNothing(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag22aa"]).analyze();
  expect(
    violations.map(({ id, nodes }) => `${id} at ${nodes.map((node) => node.target).join(", ")}`),
  ).toEqual([]);
}

test("a grader looks on with consent, points at a line, and is sent away when the learner ends it", async ({
  page: learner,
  browser,
}) => {
  const theirs = await browser.newContext();
  const grader = await theirs.newPage();
  await logIn(grader, gradus, "grader");
  await grader.getByRole("link", { name: "Working right now" }).click();
  await expect(grader.getByText("No lesson is open right now.")).toBeVisible();
  await axeFindsNothing(grader);

  await logIn(learner, gradus);
  await openLesson(learner, title);
  await grader.getByRole("link", { name: title }).click();
  await grader.getByRole("button", { name: "Ask to look on" }).click();
  await expect(grader.getByText("learner has been asked.")).toBeVisible();

  await test.step("only a yes opens anything", async () => {
    await expect(grader.getByRole("region", { name: "Files" })).toBeHidden();
    await expect(learner.getByRole("alert").filter({ hasText: "grader asks to look on" })).toBeVisible();
    await axeFindsNothing(learner);
    await learner.getByRole("button", { name: "Let them look on" }).click();
    await expect(learner.getByText("grader is looking on.")).toBeVisible();
  });

  await test.step("terminals and edits are seen as they happen", async () => {
    await typeInTerminal(learner, "echo seen-by-$((40+2))");
    await expect(terminal(grader)).toContainText("seen-by-42");
    await writeFile(learner, file, "first = 1\nsecond = 2\n");
    await grader.getByRole("tab", { name: file }).click();
    await expect(grader.getByRole("list", { name: `${file}, as it is stored now` })).toContainText(
      "second = 2",
    );
    await axeFindsNothing(grader);
  });

  await test.step("keys of who looks on go nowhere", async () => {
    await terminal(grader).click();
    await grader.keyboard.type("echo typed-by-grader\n");
    await typeInTerminal(learner, "echo learner-$((1+1))");
    await expect(terminal(grader)).toContainText("learner-2");
    await expect(terminal(grader)).not.toContainText("typed-by-grader");
  });

  await test.step("a line is pointed at", async () => {
    await grader.getByRole("button", { name: "Point at line 2" }).click();
    await expect(learner.getByText("grader points here")).toBeVisible();
    await learner.getByRole("button", { name: "Go there" }).click();
    await expect(learner.getByRole("textbox", { name: file })).toBeFocused();
  });

  await test.step("the learner ends it", async () => {
    await learner.getByRole("button", { name: "Stop", exact: true }).click();
    await expect(grader.getByText("Nobody lets you look on here, or not any more.")).toBeVisible();
    await expect(grader.getByText("seen-by-42")).toBeHidden();
    await expect(learner.getByText("grader is looking on.")).toBeHidden();
    await expect(learner.getByText("grader points here")).toBeHidden();
  });
  await theirs.close();
});

test("a learner has no such screen", async ({ page }) => {
  await logIn(page, gradus);
  await expect(page.getByRole("link", { name: "Working right now" })).toBeHidden();
  await page.goto(`${gradus.address}/mentor`);
  await expect(page.getByRole("heading", { name: "Working right now" })).toBeHidden();
});
