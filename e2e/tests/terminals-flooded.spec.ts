/** Programs that print without end, and servers that die meanwhile. */
import { expect, type Page, test } from "@playwright/test";
import { freshTerminal, front, isBack, openPage, run, text } from "../desk.js";
import { Gradus } from "../gradus.js";
import { terminal } from "../screen.js";

/** API and agent as two processes, so that the API can be killed alone. */
const gradus = new Gradus([], { apart: true });
let page: Page;

test.beforeAll(async ({ browser }) => {
  await gradus.start();
  page = await openPage(browser, gradus, "sh-pipes");
});
test.afterAll(async () => {
  await page?.close();
  await gradus.dispose();
});

/** Generous: the machine has other work. What is measured is printed. */
const ECHO_MS = 1_000;
const STOP_MS = 2_000;
const SERVER_GROWTH_MIB = 64;
const BROWSER_GROWTH_MIB = 128;

/** Milliseconds from a key going down to its letter on the screen of the terminal in front, for each of `keys`. */
async function echoes(keys: string): Promise<number[]> {
  const taken: number[] = [];
  for (const key of keys) {
    const before = await text(page);
    // Installed before the key goes down: what waits in the page is asked for afterwards.
    const waiting = await page.evaluateHandle(
      ([before, key]) => {
        const screen = [...document.querySelectorAll<HTMLElement>(".xterm-rows")].find(
          (rows) => rows.offsetParent,
        );
        let pressed = 0;
        addEventListener("keydown", () => (pressed = performance.now()), { once: true, capture: true });
        const seen = new Promise<number>((seen) => {
          const look = () => {
            const now = [...(screen?.children ?? [])].map((row) => row.textContent).join("");
            if (pressed && now !== before && now.includes(key)) seen(performance.now() - pressed);
            else requestAnimationFrame(look);
          };
          look();
        });
        return { seen };
      },
      [before, key] as const,
    );
    await page.keyboard.press(key);
    taken.push(await waiting.evaluate(({ seen }) => seen));
  }
  return taken.sort((a, b) => a - b);
}

async function browserMemory(): Promise<number> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  await devtools.detach();
  return usedSize / 1024 / 1024;
}

for (const flood of ["yes", "cat /dev/urandom | xxd", "seq 100000000"]) {
  test(`${flood}: memory stays bounded, all else stays responsive, Ctrl-C acts at once`, async () => {
    const [servers, browser] = [gradus.memory(), await browserMemory()];
    const flooded = await freshTerminal(page);
    const name = (await flooded.getAttribute("aria-label")) ?? "";
    await run(page, flood);
    await freshTerminalBeside();
    const echo = await echoes("abcdefghij");
    await page.keyboard.press("Control+c");
    await isBack(page);

    await page.getByRole("textbox", { name: "visitors.sh" }).click();
    await page.keyboard.type("#");
    await expect(page.getByRole("status").filter({ hasText: /^saved/ })).toBeVisible();
    const grown = [gradus.memory() - servers, (await browserMemory()) - browser] as const;

    await page.getByRole("tab", { name }).click();
    await terminal(page, Number(name.split(" ")[1])).click();
    const pressed = Date.now();
    await page.keyboard.press("Control+c");
    await expect(front(page)).toContainText("^C");
    const stopped = Date.now() - pressed;
    await isBack(page);
    const median = echo[echo.length >> 1] ?? Number.NaN;
    console.log(
      `${flood}: echo beside it ${median.toFixed(0)} ms (most ${echo.at(-1)?.toFixed(0)}), Ctrl-C ${stopped} ms, servers ${grown[0].toFixed(0)} MiB more, page ${grown[1].toFixed(0)} MiB more`,
    );
    expect(median).toBeLessThan(ECHO_MS);
    expect(stopped).toBeLessThan(STOP_MS);
    expect(grown[0]).toBeLessThan(SERVER_GROWTH_MIB);
    expect(grown[1]).toBeLessThan(BROWSER_GROWTH_MIB);
  });
}

/** One more terminal, with those there are left running. */
async function freshTerminalBeside(): Promise<void> {
  await page.getByRole("button", { name: "New terminal" }).click();
  await expect(front(page).getByRole("textbox")).toBeFocused();
  await expect(front(page)).toContainText("learner@");
}

test("the API is killed and started again while a program prints: the same shell, every number once", async () => {
  await freshTerminal(page);
  await run(page, "echo pid=$$,");
  await expect(front(page)).toContainText(/pid=\d+,/);
  const pid = /pid=(\d+),/.exec(await text(page))?.[1];
  await run(page, "clear; for i in $(seq 200); do printf '%d;' $i; sleep 0.05; done; echo ended-$?");
  await expect(front(page)).toContainText("20;");
  await gradus.kill();
  await expect(page.getByRole("status").filter({ hasText: "cut" })).toBeAttached();
  // Typed into the cut line: it arrives when there is one again, once.
  await page.keyboard.type("echo typed-$((10+1))-while-dead\n");
  await gradus.startApi();
  await expect(front(page)).toContainText("typed-11-while-dead", { timeout: 30_000 });
  // The line is echoed by the kernel where it arrived, and once more by the prompt that reads it; it runs once.
  const all = await text(page);
  const shown = all.replace("echo typed-$((10+1))-while-dead", "");
  expect(shown).toContain(`${Array.from({ length: 200 }, (_, i) => `${i + 1};`).join("")}ended-0`);
  expect(shown.split("typed-11-while-dead")).toHaveLength(2);
  await run(page, "clear; echo pid=$$,");
  await expect(front(page)).toContainText(`pid=${pid},`);
});
