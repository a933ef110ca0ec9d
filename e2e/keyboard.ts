/** Someone without a mouse: goes by Tab, and sees at each stop where they are. */
import { expect, type Locator, type Page } from "@playwright/test";

/** More stops than any screen has between two controls that belong together. */
const MOST_STOPS = 60;

/** Presses Tab until `target` has the focus; every stop on the way can be seen, and none holds the key. */
export async function tabTo(page: Page, target: Locator, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  for (let stops = 0; stops < MOST_STOPS; stops++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
    // Drawn by the next frame or so.
    await expect.poll(() => whyFocusIsUnseen(page)).toBe("");
    // The editor takes the Tab key for itself, and says how to leave: Escape first.
    if (await page.evaluate(() => document.activeElement?.closest(".cm-content") != null)) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press("Escape");
    }
    if (await page.evaluate(() => document.activeElement?.closest(".xterm") != null)) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await page.keyboard.press("F6");
    }
  }
  throw new Error(`not reached by ${MOST_STOPS} times ${key}: ${target}`);
}

/** Empty, or what is wrong with where the focus is: drawn nowhere, outside of the window, or covered. */
export async function whyFocusIsUnseen(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    // The browser's own controls come between the last stop and the first.
    if (!element || element === document.body) return "";
    const name = `${element.tagName.toLowerCase()} “${element.getAttribute("aria-label") ?? element.textContent?.slice(0, 40)}”`;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    // Editor and terminal draw a caret of their own.
    const caret = element.closest(".cm-editor.cm-focused, .xterm");
    if (!caret && (outlineStyle === "none" || Number.parseFloat(outlineWidth) < 1))
      return `${name} shows no focus`;
    const { left, right, top, bottom } = (caret ?? element).getBoundingClientRect();
    const [x, y] = [
      (Math.max(left, 0) + Math.min(right, innerWidth)) / 2,
      (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2,
    ];
    const there = document.elementFromPoint(x, y);
    const seen = there && ((caret ?? element).contains(there) || there.contains(element));
    return seen ? "" : `${name} is covered or outside of the window`;
  });
}
