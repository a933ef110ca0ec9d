import { defineConfig } from "@playwright/test";

/** Debian's Chromium, headless, and silent towards a network that is not there. */
const chromium = {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

export default defineConfig({
  testDir: "tests",
  outputDir: "../test-results",
  // Each file starts a Gradus of its own; two cores carry one at a time.
  workers: 1,
  timeout: 90_000,
  // A second look tells a slow moment from a fault, and is reported as flaky; a machine nobody watches gets a third.
  retries: process.env.CI ? 2 : 1,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    launchOptions: chromium,
    viewport: { width: 1440, height: 900 },
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
  },
  projects: [
    { name: "suite", testMatch: /.*\.spec\.ts/ },
    { name: "screenshots", testMatch: /screenshots\.ts/ },
    // Nothing is recorded beside it: a picture of each step costs what is measured.
    {
      name: "bench",
      testMatch: /bench\.ts/,
      timeout: 600_000,
      use: { trace: "off", screenshot: "off" },
    },
  ],
});
