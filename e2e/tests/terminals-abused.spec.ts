/** What hostile output can do to a terminal and the page around it: nothing (HOSTILE H07). */
import { expect, type Page, test } from "@playwright/test";
import { freshTerminal, front, isBack, openPage, placeOf, run, text } from "../desk.js";
import { Gradus } from "../gradus.js";

const gradus = new Gradus();
let page: Page;

test.beforeAll(async ({ browser }) => {
  await gradus.start();
  page = await openPage(browser, gradus, "sh-pipes");
});
test.afterAll(async () => {
  await page?.close();
  await gradus.dispose();
});
test.beforeEach(() => freshTerminal(page));

/** As printf's format. None may type anything back, nor change anything but the screen. */
const HOSTILE: [what: string, output: string][] = [
  ["a title", "\\e]0;evil title\\a\\e]2;evil title\\a"],
  ["asking for the title", "\\e]0;id\\a\\e[21t\\e[20t"],
  ["saving and restoring titles without end", "\\e[22;0t\\e[22;0t\\e[23;0t"],
  ["writing the clipboard", "\\e]52;c;cm0gLXJmIH4K\\a"],
  ["reading the clipboard", "\\e]52;c;?\\a"],
  ["who are you", "\\e[c\\e[>c\\e[=c\\e[0c\\eZ\\005"],
  ["where is the cursor", "\\e[6n\\e[?6n\\e[5n\\e[?15n\\e[?25n"],
  ["which modes", "\\e[?2004$p\\e[4$p"],
  ["settings that echo the question", "\\eP$qm\\e\\\\\\eP$q;id\\e\\\\"],
  ["terminfo by name", "\\eP+q544e\\e\\\\"],
  ["colours", "\\e]4;1;?\\a\\e]10;?\\a\\e]11;?\\a\\e]12;?\\a"],
  ["text as dark as its ground", "\\e]10;#ffffff\\a\\e]11;#ffffff\\a\\e]110\\a\\e]111\\a"],
  ["another size of the window", "\\e[8;5;20t\\e[4;50;50t\\e[9;1t\\e[2t\\e[3;0;0t"],
  ["132 columns", "\\e[?40h\\e[?3h"],
  ["its size, place and state", "\\e[11t\\e[13t\\e[14t\\e[16t\\e[18t\\e[19t"],
  ["key codes of another kind", "\\e[>1u\\e[?u\\e[>4;2m"],
  ["bells", "\\a\\a\\a\\a\\a\\a\\a\\a"],
  ["sequences that never end", "\\e]0;\\e]8;;\\eP\\e[1;2;3;4;5;6;7;8;9"],
];

test("what hostile output asks is not answered, and the page stays as it is", async () => {
  const title = await page.title();
  await page.evaluate(() => navigator.clipboard.writeText("mine"));
  const size = page.viewportSize();
  const dialogs: string[] = [];
  page.on("dialog", (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });

  await run(page, "before=$(stty size)");
  // Each is printed alone; what is typed back within a while is shown beside its number. The end closes what is open.
  for (const [row, [what, output]] of HOSTILE.entries()) {
    const show = `printf '\\e\\\\\\n${row}-<%q>-${row}\\n' "$back"`;
    await run(page, `clear; printf '${output}'; IFS= read -rsn99 -t 0.3 back; ${show}`);
    await expect(front(page), what).toContainText(`${row}-<''>-${row}`);
  }
  await run(page, `clear; [ "$before" = "$(stty size)" ] && echo same-$((1+1))-size`);
  await expect(front(page)).toContainText("same-2-size");
  expect(await page.title()).toBe(title);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("mine");
  expect(page.viewportSize()).toEqual(size);
  expect(dialogs).toEqual([]);
});

test("what a program leaves behind is put right by a button, and what was printed before is still there", async () => {
  await run(page, "echo kept-$((40+2)); printf '\\e[?1049h\\e[?1003h\\e[?1006h\\e[31m\\e(0\\e[?25l'");
  await expect(front(page)).not.toContainText("kept-42");
  await page.getByRole("button", { name: "Put the screen right" }).click();
  await expect(front(page)).toContainText("kept-42");
  const box = await front(page).boundingBox();
  for (let step = 1; step <= 10; step++)
    await page.mouse.move((box?.x ?? 0) + 20 * step, (box?.y ?? 0) + 20 * step);
  await front(page).click();
  await isBack(page);
  expect(await text(page), "the mouse types nothing").not.toContain("35;");
});

test("a megabyte in one sequence harms nothing", async () => {
  await run(
    page,
    "printf '\\e]0;'; head -c 1000000 /dev/zero | tr '\\0' A; printf '\\a\\ePq'; head -c 1000000 /dev/zero; printf '\\e\\\\'",
  );
  await isBack(page);
});

test("links of programs: web addresses ask, others are only text", async () => {
  const link = (address: string, words: string) => `printf '\\e]8;;${address}\\a${words}\\e]8;;\\a\\n' 2`;
  await run(
    page,
    `clear; ${link("javascript:document.title=1", "press-%d-js")}; ${link("https://example.org/x", "press-%d-web")}`,
  );
  await expect(front(page)).toContainText("press-2-web");
  const title = await page.title();
  const press = async (words: string) => {
    const place = await placeOf(page, words);
    await page.mouse.move(place.x + 20, place.y + 8);
    await page.mouse.move(place.x + 24, place.y + 8);
    await page.mouse.click(place.x + 24, place.y + 8);
  };
  await press("press-2-js");
  await press("press-2-web");
  const dialog = page.getByRole("dialog", { name: "Open this address?" });
  await expect(dialog).toContainText("https://example.org/x");
  await dialog.getByRole("button", { name: "Stay here" }).click();
  expect(await page.title()).toBe(title);
  expect(page.context().pages()).toHaveLength(1);
});
