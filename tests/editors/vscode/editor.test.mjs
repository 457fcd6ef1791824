// The packaged extension in a real VS Code, with the real server inside the package: what a person sees.
//   ASPM_LSP_SERVER=/abs/aspm-lsp node --test-reporter=./reporter.mjs editor.test.mjs
// One VS Code for all tests, in the order of one sitting; the pictures go to the rig's folder.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { launchBrowser, packageExtension, rig, SETTINGS, startVSCode, waitUntil, Workbench } from "./host.mjs";

const server = process.env.ASPM_LSP_SERVER;
assert.ok(server, "set ASPM_LSP_SERVER to the absolute path of aspm-lsp");
const here = import.meta.dirname;
const pictures = path.join(rig, "pictures/vscode");
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "aspm-editor-test-"));
const workspace = path.join(scratch, "shop");

let vscode, browser, page, workbench, status, squiggles, problems, flagged;

before(async () => {
  fs.rmSync(pictures, { recursive: true, force: true });
  fs.mkdirSync(pictures, { recursive: true });
  execFileSync(path.join(here, "../workspace.sh"), [workspace]);
  const vsix = path.join(scratch, "aspm-lsp.vsix");
  packageExtension(vsix, server);
  vscode = await startVSCode({ vsix, workspace });
  browser = await launchBrowser();
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, permissions: ["clipboard-read", "clipboard-write"] });
  workbench = new Workbench(page);
  status = page.locator('[id="aspm-lsp.aspm-lsp.aspm.status"]');
  squiggles = page.locator('.monaco-editor [class*="squiggly-"]');
  problems = page.locator(".markers-panel .monaco-list-row").filter({ hasText: "B602" });
  flagged = page.locator(".monaco-editor .view-line").filter({ hasText: "shell=True" });
  flagged = flagged.locator("span span").filter({ hasText: "subprocess" });
  await workbench.open(vscode.url);
}, { timeout: 240_000 });

after(async () => {
  await browser?.close();
  await vscode?.stop();
  vscode?.clean();
  fs.rmSync(scratch, { recursive: true, force: true });
});

sees("in restricted mode the bundled server runs, and the status bar says that it has no data", async () => {
  await status.filter({ hasText: "No findings data" }).waitFor();
  assert.equal(vscode.servers().length, 1);
});

sees("granting trust starts another server, which reads the repository's findings", async () => {
  const [untrusted] = vscode.servers();
  await workbench.command("Workspaces: Manage Workspace Trust");
  await page.locator(".workspace-trust-editor .monaco-button").filter({ hasText: "Trust" }).first().click();
  await waitUntil("a new server in place of the old one", () => {
    const running = vscode.servers();
    return running.length === 1 && running[0] !== untrusted;
  });
  await status.filter({ hasText: /\b1 finding$/ }).waitFor();
});

sees("the status bar tells what it counts, and of the finding that has been fixed", async () => {
  await status.hover();
  await page.locator(".monaco-hover").filter({ hasText: "1 fixed here, pending scan" }).waitFor();
});

sees("the Problems panel lists the finding before its file is opened, where its code is now", async () => {
  await workbench.command("Problems: Focus on Problems View");
  await problems.filter({ hasText: "Ln 12" }).waitFor();
  assert.equal(await problems.count(), 1);
  assert.match(await problems.innerText(), /Bandit/);
});

sees("opening the file shows the squiggle, and the Problems panel still one finding", async () => {
  await workbench.openFile("app.py");
  await squiggles.first().waitFor({ state: "attached" });
  await problems.filter({ hasText: "Ln 12" }).waitFor();
  assert.equal(await problems.count(), 1);
});

sees("the hover explains: the rule, and how to fix it", async () => {
  await flagged.hover();
  const hover = page.locator(".monaco-hover:not(.hidden)").filter({ hasText: "B602" });
  await hover.filter({ hasText: "Pass the arguments as a list" }).first().waitFor();
});

sees("a code action copies the finding as Markdown", async () => {
  await problems.dblclick(); // Goes to its place.
  await page.locator(".editor-instance .monaco-editor.focused").waitFor();
  await page.locator(".statusbar-item").filter({ hasText: "Ln 12" }).waitFor();
  await page.keyboard.press("Control+.");
  await page.locator(".action-widget .monaco-list-row").filter({ hasText: /Copy .*Markdown/ }).click();
  await waitUntil("the clipboard", async () =>
    (await page.evaluate(() => navigator.clipboard.readText())).includes("Pass the arguments as a list"),
  );
});

sees("typing a line above moves the finding along", async () => {
  await workbench.openFile("app.py");
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("import logging\n");
  await problems.filter({ hasText: "Ln 13" }).waitFor();
});

sees("raising the minimum severity hides the finding, lowering it shows it again", async () => {
  await workbench.replaceUserSettings({ ...SETTINGS, "aspm.minimumSeverity": "critical" });
  await problems.waitFor({ state: "detached" });
  await workbench.replaceUserSettings(SETTINGS);
  await problems.filter({ hasText: "Ln 13" }).waitFor();
});

sees("a click on the status bar opens the log, which names the server", async () => {
  await status.click();
  await page.locator(".output-view, .output-view-container, [id='workbench.panel.output']").first().waitFor();
  await page.locator(".panel .view-line").filter({ hasText: "The bundled server" }).first().waitFor();
});

sees("closing VS Code leaves no server behind", async () => {
  assert.equal(vscode.servers().length, 1);
  await browser.close();
  await vscode.stop();
  await waitUntil("the server to end", () => vscode.servers().length === 0);
});

/** A test with a picture of how it ended. */
function sees(name, body) {
  test(name, { timeout: 120_000 }, async () => {
    try {
      await body();
    } finally {
      if (!page.isClosed()) {
        await page.screenshot({ path: path.join(pictures, `${name.replace(/[^a-z]+/gi, "-")}.png`) });
      }
    }
  });
}
