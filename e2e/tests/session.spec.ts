import { expect, type Page, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { lesson } from "../lessons.js";
import { logIn, openLesson, terminal, typeInTerminal, writeFile } from "../screen.js";

/** Short enough to see it end, long enough to do something before. */
const gradus = new Gradus(["--session-limit", "25s", "--session-idle", "4s"]);

test.beforeAll(() => gradus.start());
test.afterAll(async () => {
  await gradus.dispose();
  expect(gradus.containers(), "nothing is left over").toEqual([]);
});

const limitWarning = (page: Page) =>
  page.getByRole("alert").filter({ hasText: "stops in less than two minutes" });

// First, while no other story's machine is put away, too.
test("a machine that no page is connected to is put away, and the page that comes back is told why", async ({
  page,
  context,
}) => {
  await logIn(page, gradus);
  await openLesson(page, lesson("sh-pipes").title);
  const before = gradus.log.length;
  await context.setOffline(true);
  await expect(page.getByRole("alert").filter({ hasText: "This page is not connected." })).toBeVisible();
  await expect.poll(() => gradus.log.slice(before)).toMatch(/session ends.*Idle/);
  await context.setOffline(false);
  await expect(page.getByRole("alert").filter({ hasText: "No page of yours was connected" })).toBeVisible();
  await page.getByRole("button", { name: "Start again" }).click();
  await expect(terminal(page)).toContainText("learner@");
});

test("before its time is over a machine is extended, and the keyboard stays where it is", async ({
  page,
}) => {
  await logIn(page, gradus);
  await openLesson(page, lesson("py-word-count").title);
  await typeInTerminal(page, "marker=still-here");
  await expect(limitWarning(page)).toBeVisible();
  await expect(terminal(page).getByRole("textbox")).toBeFocused();

  await page.getByRole("button", { name: "Extend by 30 min" }).click();
  await expect(limitWarning(page)).toBeHidden();
  await expect(page.getByRole("status").filter({ hasText: "stays 30 min longer" })).toBeAttached();
  await expect(page.getByRole("contentinfo")).toContainText(/(30|29) min left/);
  await typeInTerminal(page, "echo $marker-$((40+2))");
  await expect(terminal(page)).toContainText("still-here-42");
});

test("what the container uses is shown, and grows with what runs in it", async ({ page }) => {
  await logIn(page, gradus);
  await openLesson(page, lesson("py-word-count").title);
  const memory = async () => {
    const told = /container (\d+) of \d+ MB/.exec((await page.getByRole("contentinfo").textContent()) ?? "");
    return Number(told?.[1] ?? Number.NaN);
  };
  await expect.poll(memory).toBeGreaterThan(0);
  const before = await memory();
  await typeInTerminal(page, "python3 -c 'hold = bytearray(60_000_000); input()'");
  await expect.poll(memory).toBeGreaterThan(before + 50);
  await expect(page.getByRole("contentinfo")).toContainText(/CPU \d+ %/);
});

test("a machine whose time is over says so, stays readable, and comes back with its files", async ({
  page,
}) => {
  const { title, solution } = lesson("js-orders");
  const [[file] = [""]] = solution;
  await logIn(page, gradus);
  await openLesson(page, title);
  await writeFile(page, file, "// kept\n");
  await typeInTerminal(page, "echo last-''words");
  await expect(terminal(page)).toContainText("last-words");

  const over = page.getByRole("alert").filter({ hasText: "reached its time limit" });
  await expect(over).toBeVisible({ timeout: 40_000 });
  await expect(over).toContainText("Your files are kept.");
  await expect(terminal(page)).toContainText("last-words");
  await expect(page.getByText("The machine of this terminal has stopped.")).toBeVisible();

  await page.getByRole("button", { name: "Start again" }).click();
  await expect(page.getByRole("tab", { name: "Ended: terminal 1" })).toBeVisible();
  await expect(terminal(page)).toContainText("learner@");
  await expect(terminal(page)).not.toContainText("last-words");
  await typeInTerminal(page, `cat ${file}`);
  await expect(terminal(page)).toContainText("// kept");
});
