/** What happens in terminals: to the bytes, to the keys, to the clipboard. Each story begins with a fresh terminal. */
import { expect, type Page, test } from "@playwright/test";
import { clickOn, freshTerminal, front, isBack, openPage, run, text } from "../desk.js";
import { Gradus } from "../gradus.js";

const gradus = new Gradus();
const SLUG = "sh-pipes";
const PROMPT = "learner@";

let page: Page;

test.describe.configure({ mode: "default" });
test.beforeAll(async ({ browser }) => {
  await gradus.start();
  page = await openPage(browser, gradus, SLUG);
});
test.afterAll(async () => {
  await page?.close();
  await gradus.dispose();
});

/** Prints 1; to `last}; on one long line, one every 50 ms: room for a cut in between. */
const count = (last: number) =>
  `clear; for i in $(seq ${last}); do printf '%d;' $i; sleep 0.05; done; echo ended-$?`;
const counted = (last: number) => `${Array.from({ length: last }, (_, i) => `${i + 1};`).join("")}ended-0`;

async function shellPid(): Promise<string> {
  await run(page, "echo pid=$$,");
  await expect(front(page)).toContainText(/pid=\d+,/);
  return /pid=(\d+),/.exec(await text(page))?.[1] ?? "none";
}

test.beforeEach(() => freshTerminal(page));

test("a reload finds the same shell, with nothing missing and nothing twice", async () => {
  const id = (await front(page).getAttribute("aria-label")) ?? "";
  const pid = await shellPid();
  await run(page, count(100));
  await expect(front(page)).toContainText("40;");
  await page.reload();
  await page.getByRole("tab", { name: id }).click();
  await front(page).click();
  await expect(front(page)).toContainText("ended-0");
  expect(await text(page)).toContain(counted(100));
  expect(await shellPid()).toBe(pid);
});

test("a cut of 30 seconds while a program prints: every number once, in the same shell", async () => {
  const pid = await shellPid();
  await run(page, count(640));
  await expect(front(page)).toContainText("20;");
  const network = await page.context().newCDPSession(page);
  const offline = (offline: boolean) =>
    network.send("Network.emulateNetworkConditions", {
      offline,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    });
  await offline(true);
  await expect(page.getByRole("status").filter({ hasText: "cut" })).toBeAttached();
  const before = await text(page);
  await page.waitForTimeout(30_000);
  expect(await text(page), "nothing comes through a cut line").toBe(before);
  await offline(false);
  await expect(front(page)).toContainText("ended-0");
  expect(await text(page)).toContain(counted(640));
  expect(await shellPid()).toBe(pid);
});

test("more than is kept while away is a gap that is said, and the end is there", async () => {
  // Three megabytes in few lines, so that the place of the gap can still be scrolled to.
  await run(page, "clear; sleep 1; yes $(printf 'x%.0s' {1..300}) | head -n 10000; echo over-$?");
  await page.context().setOffline(true);
  await expect(page.getByRole("status").filter({ hasText: "cut" })).toBeAttached();
  await page.waitForTimeout(4_000);
  await page.context().setOffline(false);
  await expect(front(page)).toContainText("over-0");
  await page.keyboard.press("Control+Shift+F");
  await page.keyboard.type("no longer kept");
  await expect(front(page).getByRole("status")).toHaveText("1 of 1");
  await page.keyboard.press("Escape");
  await isBack(page);
});

test("programs that take over the screen: vim edits what the editor shows, less pages, nano saves", async () => {
  await run(page, "printf 'first\\nsecond\\n' > notes.txt; vim notes.txt");
  await expect(front(page)).toContainText("second");
  await page.keyboard.type("Gothird, from vim");
  await page.keyboard.press("Escape");
  await page.keyboard.type(":wq\n");
  await page.getByRole("treeitem", { name: "notes.txt" }).click();
  const editor = page.getByRole("textbox", { name: "notes.txt" });
  await expect(editor).toContainText("third, from vim");

  await front(page).click();
  await run(page, "seq 500 | less");
  await expect(front(page)).toContainText(":");
  await page.keyboard.press("G");
  await expect(front(page)).toContainText("500");
  await page.keyboard.press("q");
  await run(page, "nano notes.txt");
  await expect(front(page)).toContainText("GNU nano");
  await page.keyboard.type("zeroth\n");
  await page.keyboard.press("Control+s");
  await page.keyboard.press("Control+x");
  await expect(editor).toContainText("zeroth");
  await front(page).click();
  await isBack(page);
  await run(page, "rm notes.txt");
});

test("htop runs in the sandbox and follows the mouse", async () => {
  await run(page, "htop");
  await expect(front(page)).toContainText("Load average");
  await expect(front(page)).toContainText("bash");
  await clickOn(page, "Quit");
  await isBack(page);
});

test("a wide window: the program knows", async () => {
  await page.setViewportSize({ width: 2900, height: 1000 });
  await expect
    .poll(async () => {
      await run(page, "clear; echo columns=$(stty size | cut -d' ' -f2),");
      return Number(/columns=(\d+),/.exec(await text(page))?.[1]);
    })
    .toBeGreaterThan(200);
  await page.setViewportSize({ width: 1440, height: 1000 });
});

test("words of all scripts are shown and copied out as they were printed", async () => {
  const line = "日本語 e\u0301 😀👍 שלום عربي ñ";
  await run(page, `clear; printf '%s|\\n' '${line}'; echo end`);
  await expect(front(page)).toContainText("end");
  await clickOn(page, "日本語", 3);
  await page.keyboard.press("Control+Shift+C");
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain(`${line}|`);
});

test("pastes: shown first where each line would run at once, whole at a prompt, refused when too much", async () => {
  const paste = async (pasted: string) => {
    await page.evaluate((pasted) => navigator.clipboard.writeText(pasted), pasted);
    await page.keyboard.press("Control+Shift+V");
  };
  await paste("echo one-$((1+1))\necho two-$((2+2))");
  await expect(front(page)).toContainText("echo two-$((2+2))");
  expect(await text(page), "a prompt shows a paste and runs nothing").not.toContain("one-2");
  await page.keyboard.press("Enter");
  await expect(front(page)).toContainText("two-4");

  await run(page, "cat > pasted.txt");
  await paste("alpha\nbeta\ngamma\n");
  const dialog = page.getByRole("dialog", { name: "Paste 3 lines?" });
  await expect(dialog).toContainText("gamma");
  await dialog.getByRole("button", { name: "Do not paste" }).click();
  await paste("alpha\nbeta\ngamma\n");
  await dialog.getByRole("button", { name: "Paste", exact: true }).click();
  await page.keyboard.press("Control+d");
  await run(page, "clear; wc -l pasted.txt; rm pasted.txt");
  await expect(front(page)).toContainText("3 pasted.txt");

  await paste("x".repeat(300_000));
  await expect(front(page).getByRole("alert")).toHaveText(/too much to paste/);
  await isBack(page);
});

test("everything by keyboard: open, step, leave, close, find", async () => {
  const tabs = page.getByRole("tab", { name: /^Terminal \d+$/ });
  const opened = await tabs.count();
  await page.keyboard.press("Control+Shift+Backquote");
  await expect(tabs).toHaveCount(opened + 1);
  await expect(front(page)).toContainText(PROMPT);
  await isBack(page);
  const here = await front(page).getAttribute("aria-label");
  await page.keyboard.press("Control+Shift+ArrowLeft");
  await expect(front(page)).not.toHaveAttribute("aria-label", here ?? "");
  await expect(front(page).getByRole("textbox")).toBeFocused();
  await page.keyboard.press("Control+Shift+ArrowRight");
  await expect(front(page)).toHaveAttribute("aria-label", here ?? "");

  await run(page, "seq 3000 | sed s/^/needle-/");
  await expect(front(page)).toContainText("needle-3000");
  await page.keyboard.press("Control+Shift+F");
  await page.keyboard.type("needle-1234");
  await expect(front(page).getByRole("status")).toHaveText("1 of 1");
  await expect(front(page)).toContainText("needle-1234");
  await page.keyboard.press("Escape");
  await expect(front(page).getByRole("textbox")).toBeFocused();

  await page.keyboard.press("F6");
  await expect(page.getByRole("tab", { name: here ?? "" })).toBeFocused();
  await page.keyboard.press("Delete");
  await expect(tabs).toHaveCount(opened);
});
