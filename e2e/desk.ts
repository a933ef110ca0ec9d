/** What a person does with the terminals of a lesson. Those of one page at a time; the one in front has the keyboard. */
import { type Browser, expect, type Locator, type Page } from "@playwright/test";
import type { Gradus } from "./gradus.js";
import { logIn, terminal } from "./screen.js";

const PROMPT = "learner@";

/** A page of its own with tall, wide terminals, so that what a story prints is on the screen. */
export async function openPage(browser: Browser, gradus: Gradus, slug: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 } });
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const page = await context.newPage();
  await logIn(page, gradus);
  await page.goto(`${gradus.address}/lessons/${slug}`);
  await expect(terminal(page)).toContainText(PROMPT);
  await page.getByRole("separator", { name: "Height of the editor" }).focus();
  await page.keyboard.press("Home");
  return page;
}

/** The terminal in front. */
export function front(page: Page): Locator {
  return page.getByRole("region", { name: /^Terminal \d+$/ });
}

/** What its screen shows, lines joined: a line that was wrapped reads on. */
export async function text(page: Page, of = front(page)): Promise<string> {
  return (await of.locator(".xterm-rows > div").allTextContents()).join("");
}

/** Opens another terminal, so that nothing of the last story is in the way. */
export async function freshTerminal(page: Page): Promise<Locator> {
  const tabs = page.getByRole("tab", { name: /^Terminal \d+$/ });
  for (let more = (await tabs.count()) - 1; more > 0; more--) {
    await tabs.last().click();
    await page.keyboard.press("Delete");
    await expect(tabs).toHaveCount(more);
  }
  await page.getByRole("button", { name: "New terminal" }).click();
  await expect(front(page)).toContainText(PROMPT);
  await expect(front(page).getByRole("textbox")).toBeFocused();
  return front(page);
}

export async function run(page: Page, line: string): Promise<void> {
  // As one input rather than key by key: lines are long, and the machine may be slow.
  await page.keyboard.insertText(line);
  await page.keyboard.press("Enter");
}

/** Where `words` stand. Rows are drawn anew at any time, so the place is asked for until there is one. */
export async function placeOf(page: Page, words: string) {
  const found = front(page).locator(".xterm-rows").getByText(words).last();
  let place = await found.boundingBox();
  await expect.poll(async () => (place = await found.boundingBox()), { message: words }).not.toBeNull();
  if (!place) throw new Error(`${words} is not on the screen`);
  return place;
}

/** Clicks where `words` stand, as a hand would: terminals take clicks by place. */
export async function clickOn(page: Page, words: string, clickCount = 1): Promise<void> {
  const place = await placeOf(page, words);
  await page.mouse.click(place.x + 8, place.y + place.height / 2, { clickCount });
}

/** Waits until the shell is back at its prompt: it says a word that the line itself does not hold. */
export async function isBack(page: Page, of = front(page)): Promise<void> {
  await run(page, "echo $((6*7))nd-back");
  await expect(of).toContainText("42nd-back");
}
