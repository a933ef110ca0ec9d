/**
 * One walk past every screen and state that a learner can meet, for whoever looks at each: axe, the pseudo-locale, the
 * camera. Names of controls are found within longer ones, so that it works in brackets too.
 */
import { expect, type Page } from "@playwright/test";
import type { Gradus } from "./gradus.js";
import { lesson } from "./lessons.js";
import { handIn, logIn, writeFile } from "./screen.js";

/** Called at each screen, when it stands still. */
export type Look = (screen: string) => Promise<void>;

const { title, solution } = lesson("py-word-count");
const [[file, right] = ["", ""]] = solution;
/** What a person calls short. */
const RESULT = { timeout: 30_000 };

const button = (page: Page, name: string) => page.getByRole("button", { name }).first();

/** On a narrow screen the panes are tabs at the bottom; on a wide one they are there. */
async function pane(page: Page, name: string): Promise<void> {
  const tab = page.getByRole("tab", { name }).last();
  if ((page.viewportSize()?.width ?? 0) < 1100) await tab.click();
}

export async function walk(page: Page, gradus: Gradus, look: Look): Promise<void> {
  await outside(page, gradus, look);
  await atTheLessons(page, gradus, look);
  await inTheLesson(page, look);
  await withResults(page, look);
  await machineStopped(page, look);
}

async function outside(page: Page, gradus: Gradus, look: Look): Promise<void> {
  await page.route("**/api/v1/me", (route) => route.abort());
  await page.goto(gradus.address);
  await expect(page.getByRole("alert")).toBeVisible();
  await look("unreachable");
  await page.unroute("**/api/v1/me");

  await page.goto(gradus.address);
  await expect(page.getByLabel("Name")).toBeVisible();
  await look("login");
  await page.getByLabel("Name").fill("learner");
  await page.getByLabel("Password").fill("not this one");
  await button(page, "Log in").click();
  await expect(page.getByRole("alert").filter({ hasText: /\w/ })).toBeVisible();
  await look("login-refused");
}

async function atTheLessons(page: Page, gradus: Gradus, look: Look): Promise<void> {
  await logIn(page, gradus);
  await expect(page.getByRole("link", { name: title }).first()).toBeVisible();
  await look("lessons");
  await button(page, "settings and log out").click();
  await look("account-menu");
  await page.locator("[popover]").getByRole("button", { name: "Settings" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await look("settings");
  await page.keyboard.press("Escape");
  await page.keyboard.press("F1");
  await expect(page.getByRole("dialog")).toBeVisible();
  await look("keys");
  await page.keyboard.press("Escape");

  await page.goto(`${gradus.address}/nowhere`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await look("nothing-here");
  await page.goto(`${gradus.address}/lessons/no-such-lesson`);
  await expect(page.getByRole("alert")).toBeVisible();
  await look("no-such-lesson");

  await withAnswer(page, "**/api/v1/lessons", "[]", async () => {
    await page.goto(gradus.address);
    await expect(page.getByText("no lessons here yet")).toBeVisible();
    await look("lessons-none");
  });
  await withAnswer(page, "**/api/v1/lessons", null, async () => {
    await page.goto(gradus.address);
    await expect(page.getByRole("alert")).toBeVisible();
    await look("lessons-unreachable");
  });
  await page.goto(gradus.address);
}

async function inTheLesson(page: Page, look: Look): Promise<void> {
  await page.getByRole("link", { name: title }).first().click();
  await pane(page, "Terminal");
  await expect(page.getByRole("region", { name: "Terminal 1" })).toContainText("learner@", RESULT);
  await look("terminal");
  await pane(page, "Lesson");
  await look("lesson");
  await button(page, "Show a hint").click();
  await expect(page.getByRole("heading", { name: "Hint 1" })).toBeVisible();
  await look("hint");

  await pane(page, "Code");
  await expect(page.getByRole("textbox", { name: file })).toBeVisible();
  await look("code");
  if (!(await page.getByRole("tree").isVisible())) await button(page, "Files").click();
  await button(page, "New file").click();
  await page.keyboard.press("Enter");
  await look("new-file");
  await page.keyboard.press("Escape");
  await button(page, `Delete ${file}`).click();
  await look("delete-file");
  await button(page, "Keep it").click();
}

async function withResults(page: Page, look: Look): Promise<void> {
  await pane(page, "Tests");
  await page.getByRole("tab", { name: "Tests" }).first().click();
  await look("tests-none");
  await page.getByRole("tab", { name: "History" }).first().click();
  await look("history-none");
  await button(page, "Run tests").click();
  await expect(page.getByRole("heading", { name: /of \d+ tests pass/ })).toBeVisible(RESULT);
  await look("run-failed");

  await handIn(page);
  await expect(page.getByText("Handed in")).toBeVisible();
  await expect(page.getByRole("heading", { name: /of \d+ tests pass/ })).toBeVisible(RESULT);
  await look("handed-in-failed");
  await pane(page, "Code");
  await writeFile(page, file, right);
  await handIn(page);
  await expect(page.getByRole("heading", { name: /all \d+ tests pass/i })).toBeVisible(RESULT);
  await look("handed-in-passed");
  await page.getByRole("tab", { name: "History" }).first().click();
  await look("history");
}

async function machineStopped(page: Page, look: Look): Promise<void> {
  await button(page, "Stop machine").click();
  await look("stop-machine");
  await button(page, "Stop it").click();
  await expect(page.getByRole("alert").filter({ hasText: "stopped" })).toBeVisible();
  await pane(page, "Terminal");
  await look("machine-stopped");
}

/** While `then` runs, requests for `path` get this body; null: no answer. */
async function withAnswer(page: Page, path: string, body: string | null, then: () => Promise<void>) {
  await page.route(path, (route) =>
    body === null ? route.abort() : route.fulfill({ contentType: "application/json", body }),
  );
  await then();
  await page.unroute(path);
}
