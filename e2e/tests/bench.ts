/** What a learner waits for: from the click on a lesson to a prompt in the browser. `make bench` prints it. */
import { expect, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { lesson } from "../lessons.js";
import { logIn } from "../screen.js";

const ROUNDS = 20;
const gradus = new Gradus();

test.beforeAll(() => gradus.start());
test.afterAll(() => gradus.dispose());

test("session open to prompt, warm", async ({ page }) => {
  const { title } = lesson("py-word-count");
  await logIn(page, gradus);
  const samples: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await page.goto(gradus.address);
    const link = page.getByRole("link", { name: title }).first();
    await expect(link).toBeVisible();
    const began = performance.now();
    await link.click();
    // Looked for at every animation frame: `toContainText` would round up to its own polling.
    await page.waitForFunction(
      () => document.querySelector('section[aria-label="Terminal 1"]')?.textContent?.includes("learner@"),
      undefined,
      { polling: "raf" },
    );
    samples.push(performance.now() - began);
    // The next round starts a session of its own.
    await page.evaluate(async () => {
      const lessons = await (
        await fetch("/api/v1/lessons/py-word-count/workspace", { method: "POST" })
      ).json();
      if (lessons.session) await fetch(`/api/v1/sessions/${lessons.session.id}`, { method: "DELETE" });
    });
  }
  samples.sort((a, b) => a - b);
  const at = (share: number) => Math.round(samples[Math.floor(share * (samples.length - 1))] ?? Number.NaN);
  console.log(
    `click → prompt in the browser, ${ROUNDS} rounds: median ${at(0.5)} ms, p90 ${at(0.9)} ms, max ${at(1)} ms`,
  );
});
