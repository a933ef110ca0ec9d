/** The first visit over a phone's slow link: reading can begin long before editor and terminal have come. */
import { expect, type Page, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { lesson } from "../lessons.js";
import { logIn, terminal } from "../screen.js";

const gradus = new Gradus();
const SLUG = "py-word-count";
const { title } = lesson(SLUG);

test.beforeAll(() => gradus.start());
test.afterAll(() => gradus.dispose());

/** Chromium's "Slow 3G": 400 kbit/s either way, 400 ms there and back (before its further 5-fold pretence). */
const SLOW_3G = { offline: false, latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };
/** 160 KB at 50 KB/s and a few round trips make 6 s; twice that for a busy machine. */
const READABLE_WITHIN_MS = 12_000;

async function slowDown(page: Page): Promise<void> {
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  await network.send("Network.setCacheDisabled", { cacheDisabled: true });
  await network.send("Network.emulateNetworkConditions", SLOW_3G);
}

test("on slow 3G a lesson can be read before the editor and the terminal are there", async ({ page }) => {
  await logIn(page, gradus);
  await slowDown(page);

  const start = Date.now();
  await page.goto(`${gradus.address}/lessons/${SLUG}`, { waitUntil: "commit" });
  // From here on: the list of lessons, which was shown before, fetches parts ahead of their use.
  const arrived: string[] = [];
  page.on("requestfinished", (request) => arrived.push(new URL(request.url()).pathname));
  await expect(page.getByRole("article").getByRole("heading", { name: title })).toBeVisible();
  const readable = Date.now() - start;
  expect(readable).toBeLessThan(READABLE_WITHIN_MS);
  expect(arrived.filter((path) => /editor-view|terminal-view/.test(path))).toEqual([]);

  await expect(terminal(page)).toContainText("learner@", { timeout: 60_000 });
  await expect(page.getByRole("textbox", { name: "wordcount.py" })).toBeVisible();
  const whole = Date.now() - start;
  console.log(`slow 3G: readable after ${readable} ms, editor and shell there after ${whole} ms`);
});
