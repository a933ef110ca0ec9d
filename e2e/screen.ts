/** What a person does and sees on Gradus's screens, in the words of the screens. */
import { expect, type Locator, type Page } from "@playwright/test";
import type { Gradus } from "./gradus.js";

export async function logIn(page: Page, gradus: Gradus, name = "learner"): Promise<void> {
  await page.goto(gradus.address);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(gradus.passwords.get(name) ?? "");
  await page.getByRole("button", { name: "Log in" }).click();
  await expect(page.getByRole("heading", { name: "Lessons" })).toBeVisible();
}

/** Opens a lesson from the list and waits until its terminal shows a prompt. */
export async function openLesson(page: Page, title: string): Promise<void> {
  await page.getByRole("link", { name: title }).first().click();
  await expect(terminal(page)).toContainText("learner@");
}

export function terminal(page: Page, number = 1): Locator {
  return page.getByRole("region", { name: `Terminal ${number}` });
}

export async function typeInTerminal(page: Page, line: string): Promise<void> {
  await terminal(page).click();
  await page.keyboard.type(`${line}\n`);
}

/** Replaces everything in the editor of the open file and waits until the server has it. */
export async function writeFile(page: Page, name: string, text: string): Promise<void> {
  const editor = page.getByRole("textbox", { name });
  await editor.click();
  await page.keyboard.press("ControlOrMeta+a");
  // Pasting as a whole: typing would meet auto-indent and bracket closing.
  await page.keyboard.insertText(text);
  await saved(page);
}

export async function saved(page: Page): Promise<void> {
  await expect(page.getByRole("status").filter({ hasText: /^⟦?saved/i })).toBeVisible();
}

export async function handIn(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Hand in" }).click();
}
