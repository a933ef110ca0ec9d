/** By keyboard alone, by ear, at 320 px, without motion, with the system's colours. Axe looks in every-screen.spec.ts. */
import { expect, type Page, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { tabTo } from "../keyboard.js";
import { lesson } from "../lessons.js";
import { handIn, logIn, openLesson, saved, terminal } from "../screen.js";

const gradus = new Gradus();
const { title, solution } = lesson("py-word-count");
const [[file, right] = ["", ""]] = solution;

test.beforeAll(() => gradus.start());
test.afterAll(() => gradus.dispose());

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });
/** What a screen reader has been told since the page was loaded, in order. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    const region = (node: Node) =>
      (node instanceof Element ? node : node.parentElement)?.closest(
        "[role=status], [role=alert], [aria-live]",
      );
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const text = region(target)?.textContent?.trim();
        if (text && heard.at(-1) !== text) heard.push(text);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (window as unknown as { heard: string[] }).heard);
}

test("a whole lesson by keyboard alone: the focus always to be seen, the results read out", async ({
  page,
}) => {
  await page.goto(gradus.address);
  await tabTo(page, page.getByLabel("Name"));
  await page.keyboard.type("learner");
  await page.keyboard.press("Tab");
  await page.keyboard.type(gradus.passwords.get("learner") ?? "");
  await page.keyboard.press("Enter");

  const link = page.getByRole("link", { name: title }).last();
  await expect(link).toBeVisible();
  await tabTo(page, link);
  await page.keyboard.press("Enter");
  await expect(terminal(page)).toContainText("learner@");
  await expect(page).toHaveTitle(`${title} · Gradus`);
  const heard = await listen(page);

  const editor = page.getByRole("textbox", { name: file });
  await tabTo(page, editor);
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("# by keyboard");
  // The first closes what the editor proposes, if it does.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  await expect(editor).not.toBeFocused();
  await saved(page);

  await tabTo(page, terminal(page).getByRole("textbox"));
  await page.keyboard.type("echo $((6 * 7))\n");
  await expect(terminal(page)).toContainText("42");
  await page.keyboard.press("F6");
  await expect(page.getByRole("tab", { name: "Terminal 1" })).toBeFocused();

  await page.keyboard.press("ControlOrMeta+Enter");
  await expect
    .poll(heard, { timeout: 30_000 })
    .toContainEqual(expect.stringMatching(/^\d of \d+ tests pass\. The first/));
  const failure = page.locator("details[open] summary").first();
  await tabTo(page, failure, "Shift+Tab");
  await expect(page.getByText("Expected").first()).toBeVisible();

  await tabTo(page, editor);
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.insertText(right);
  await page.keyboard.press("Escape");
  await tabTo(page, button(page, "Hand in"), "Shift+Tab");
  await page.keyboard.press("Enter");
  await expect.poll(heard, { timeout: 30_000 }).toContainEqual(expect.stringMatching(/^All \d+ tests pass/));
  const next = page.getByRole("link", { name: /next/i }).first();
  await tabTo(page, next);
  await page.keyboard.press("Enter");
  await expect(page).not.toHaveTitle(`${title} · Gradus`);
});

test("a dialog keeps the keyboard and gives it back; splitters move by arrows; the first stop skips the header", async ({
  page,
}) => {
  await logIn(page, gradus);
  await openLesson(page, title);
  await page.reload();
  await expect(page.getByRole("article")).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("tab", { name: "Lesson" })).toBeFocused();

  const splitter = page.getByRole("separator", { name: "Width of the lesson" });
  const before = Number(await splitter.getAttribute("aria-valuenow"));
  await tabTo(page, splitter);
  await page.keyboard.press("ArrowRight");
  await expect(splitter).toHaveAttribute("aria-valuenow", String(before + 2));

  const remove = page.getByRole("button", { name: `Delete ${file}` });
  await expect(remove).toBeVisible();
  await tabTo(page, remove);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  for (let stop = 0; stop < 6; stop++) {
    await page.keyboard.press("Tab");
    const outside = await page.evaluate(
      () => document.activeElement !== document.body && !document.activeElement?.closest("dialog"),
    );
    expect(outside).toBe(false);
  }
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(remove).toBeFocused();
});

test("320 px wide, as at 400 % zoom: nothing has to be scrolled sideways", async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 640 });
  const fits = () =>
    expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
  await page.goto(gradus.address);
  await expect(page.getByLabel("Name")).toBeVisible();
  await fits();
  await logIn(page, gradus);
  await fits();
  await page.getByRole("link", { name: title }).first().click();
  for (const pane of ["Code", "Terminal", "Tests", "Lesson"]) {
    await page.getByRole("tab", { name: pane, exact: true }).last().click();
    await fits();
  }
  await handIn(page);
  await expect(page.getByRole("heading", { name: /tests pass/ })).toBeVisible({ timeout: 30_000 });
  await fits();
});

test("nothing moves for who asked for that, and the system's colours show what is selected", async ({
  page,
}) => {
  await page.emulateMedia({ reducedMotion: "reduce", forcedColors: "active" });
  await logIn(page, gradus);
  await openLesson(page, title);
  const moving = await page.evaluate(() => {
    const still = (time: string) => time.split(", ").every((part) => Number.parseFloat(part) === 0);
    const moves = (element: Element) => {
      const { transitionDuration, animationDuration, animationName } = getComputedStyle(element);
      return !still(transitionDuration) || (animationName !== "none" && !still(animationDuration));
    };
    return [...document.querySelectorAll("*")].filter(moves).map((element) => element.className);
  });
  expect(moving).toEqual([]);

  const edge = (name: string) =>
    page
      .getByRole("tab", { name, exact: true })
      .first()
      .evaluate((tab) => {
        const { borderBottomColor, borderBottomStyle } = getComputedStyle(tab.closest(".tab") ?? tab);
        return `${borderBottomStyle} ${borderBottomColor}`;
      });
  expect(await edge("Lesson")).not.toBe(await edge("Tests"));
});

test("each screen has a title and its landmarks", async ({ page }) => {
  await page.goto(gradus.address);
  await expect(page).toHaveTitle("Log in · Gradus");
  await logIn(page, gradus);
  await expect(page).toHaveTitle("Lessons · Gradus");
  await page.goto(`${gradus.address}/nowhere`);
  await expect(page).toHaveTitle("There is nothing at this address · Gradus");
  await page.goto(gradus.address);
  await openLesson(page, title);
  await expect(page).toHaveTitle(`${title} · Gradus`);
  for (const landmark of ["banner", "main", "contentinfo"] as const) {
    await expect(page.getByRole(landmark)).toHaveCount(1);
  }
  await expect(page.getByRole("heading", { level: 1, name: title }).first()).toBeVisible();
});

test("in Spanish for who reads Spanish, until they choose another language", async ({ browser }) => {
  const context = await browser.newContext({ locale: "es-MX" });
  const page = await context.newPage();
  await page.goto(gradus.address);
  await expect(page.getByRole("button", { name: "Entrar" })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("es");
  await expect(page).toHaveTitle("Entrar · Gradus");

  await page.getByLabel("Idioma").selectOption("English");
  await expect(page.getByRole("button", { name: "Log in" })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("en");
  await logIn(page, gradus);
  await context.close();
});
