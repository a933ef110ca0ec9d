import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, type FrameLocator, type Page, test } from "@playwright/test";
import { Gradus } from "../gradus.js";
import { lesson } from "../lessons.js";
import { logIn, openLesson, terminal, typeInTerminal } from "../screen.js";

const gradus = new Gradus();
const { title } = lesson("http-notes");
const SERVER = readFileSync(resolve(import.meta.dirname, "../fixtures/echo_server.py"), "utf8");

test.beforeAll(() => gradus.start());
test.afterAll(() => gradus.dispose());

/** The learner's workspace and session, as the page's own login sees them. */
async function mine(page: Page): Promise<{ workspace: string; session: string }> {
  return page.evaluate(async () => {
    const answer = await fetch("/api/v1/lessons/http-notes/workspace", { method: "POST" });
    const { id, session } = await answer.json();
    return { workspace: id, session: session.id };
  });
}

/** Saves the server as the editor does; it is laid into the container. */
async function saveServer(page: Page): Promise<void> {
  const { workspace } = await mine(page);
  const status = await page.evaluate(
    async ({ url, text }) => {
      const body = JSON.stringify({ content: { encoding: "text", data: text } });
      const headers = { "If-Match": '"0"', "Content-Type": "application/json" };
      return (await fetch(url, { method: "PUT", headers, body })).status;
    },
    { url: `/api/v1/workspaces/${workspace}/files/echo_server.py`, text: SERVER },
  );
  expect(status).toBe(200);
}

async function openPreview(page: Page): Promise<FrameLocator> {
  await page.getByRole("button", { name: "Preview", exact: true }).click();
  return page.frameLocator("iframe");
}

test("a learner's server is shown, with forms and WebSockets, and sees no login of theirs", async ({
  page,
  browser,
}) => {
  await logIn(page, gradus);
  await openLesson(page, title);
  await expect(terminal(page)).toContainText("learner@");
  await saveServer(page);

  const frame = await test.step("nothing listens yet, and the page says so", async () => {
    const frame = await openPreview(page);
    await expect(frame.getByRole("heading", { name: "Nothing is listening on port 8000 yet" })).toBeVisible();
    return frame;
  });

  await test.step("started in the terminal, it appears by itself", async () => {
    await page.getByRole("button", { name: "Terminals" }).click();
    await typeInTerminal(page, "python3 echo_server.py");
    await openPreview(page);
    await page.getByRole("textbox", { name: "Address in the preview" }).fill("/");
    await page.keyboard.press("Enter");
    await expect(frame.getByRole("heading", { name: "Hello from the container" })).toBeVisible();
    await expect(frame.getByText("heard over a WebSocket")).toBeVisible();
  });

  await test.step("a form works", async () => {
    await frame.getByLabel("Text").fill("tea");
    await frame.getByRole("button", { name: "Send" }).click();
    await expect(frame.getByText("You sent tea to localhost:8000")).toBeVisible();
  });

  await test.step("what the server is sent holds no cookie of Gradus; its own come back", async () => {
    for (const cookie of [/^seen=yes$/, /^seen=yes$/]) {
      await page.getByRole("textbox", { name: "Address in the preview" }).fill("/headers");
      await page.keyboard.press("Enter");
      await expect(frame.getByText('"X-Forwarded-Proto"')).toBeVisible();
      const sent = new Map<string, string>(JSON.parse((await frame.locator("pre").textContent()) ?? ""));
      expect([...sent.values()].join(" ")).not.toMatch(/gradus/i);
      expect(sent.get("Host")).toBe("localhost:8000");
      if (sent.has("Cookie")) expect(sent.get("Cookie")).toMatch(cookie);
      await page.getByRole("button", { name: "Reload the preview" }).click();
    }
    await expect(frame.getByText('"seen=yes"')).toBeVisible();
  });

  await test.step("it cannot reach the page around it, nor the app's API", async () => {
    const src = (await page.locator("iframe").getAttribute("src")) ?? "";
    expect(new URL(src).host).toMatch(/^8000-[0-9a-f]{32}\.localhost:\d+$/);
    const inside = page.frames().find((one) => one.url().includes(".localhost:"));
    const reached = await inside?.evaluate(async (app) => {
      const said: string[] = [];
      try {
        said.push(`dom ${window.parent.document.title}`);
      } catch {
        said.push("no dom");
      }
      const asked = await fetch(`${app}/api/v1/me`, { credentials: "include" }).then(
        (answer) => `api ${answer.status}`,
        () => "no api",
      );
      return [...said, asked, document.cookie.includes("gradus") ? "cookie" : "no cookie"];
    }, gradus.address);
    expect(reached).toEqual(["no dom", "no api", "no cookie"]);
  });

  await test.step("opened in a tab of its own, it works too; for somebody else it does not", async () => {
    const opened = page.waitForEvent("popup");
    await page.getByRole("button", { name: "Open in a new tab" }).click();
    const tab = await opened;
    await expect(tab.getByText('"X-Forwarded-Proto"')).toBeVisible();
    const { session } = await mine(page);
    const stranger = await browser.newContext();
    const theirs = await stranger.newPage();
    expect((await theirs.goto(tab.url()))?.status()).toBe(403);
    await logIn(theirs, gradus, "grader");
    const refused = await theirs.evaluate(async (id) => {
      const headers = { "Content-Type": "application/json" };
      const body = JSON.stringify({ port: 8000, path: "/" });
      return (await fetch(`/api/v1/sessions/${id}/previews`, { method: "POST", headers, body })).status;
    }, session);
    expect(refused).toBe(404);
    const undeclared = await page.evaluate(async (id) => {
      const headers = { "Content-Type": "application/json" };
      const body = JSON.stringify({ port: 8001, path: "/" });
      return (await fetch(`/api/v1/sessions/${id}/previews`, { method: "POST", headers, body })).status;
    }, session);
    expect(undeclared).toBe(404);
    await stranger.close();
    await tab.close();
  });

  await test.step("stopped, the page says so; started again, it comes back by itself", async () => {
    await page.getByRole("button", { name: "Terminals" }).click();
    await terminal(page).getByRole("textbox").focus();
    await page.keyboard.press("Control+C");
    await openPreview(page);
    await page.getByRole("button", { name: "Reload the preview" }).click();
    await expect(frame.getByRole("heading", { name: "Nothing is listening on port 8000 yet" })).toBeVisible();
    await page.getByRole("button", { name: "Terminals" }).click();
    await typeInTerminal(page, "python3 echo_server.py");
    await openPreview(page);
    await expect(frame.getByText('"X-Forwarded-Proto"')).toBeVisible();
  });

  await test.step("logged out, the open page is of no use any more", async () => {
    const inside = page.frames().find((one) => one.url().includes(".localhost:"));
    await page.evaluate(() => fetch("/api/v1/logout", { method: "POST" }));
    expect(await inside?.evaluate(async () => (await fetch("/headers")).status)).toBe(403);
  });
});
