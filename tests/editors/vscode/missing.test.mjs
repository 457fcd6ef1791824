// The package for every platform, which carries no server, on a machine without one: the user learns what to do.
//   node --test-reporter=./reporter.mjs missing.test.mjs
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { test } from "node:test";
import { launchBrowser, packageExtension, rig, startVSCode, Workbench } from "./host.mjs";

test("without a server a message and the status bar say what to do, and lead to the setting", { timeout: 240_000 }, async (t) => {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "aspm-missing-test-"));
  t.after(() => fs.rmSync(scratch, { recursive: true, force: true }));
  const vsix = path.join(scratch, "aspm-lsp.vsix");
  const workspace = path.join(scratch, "empty");
  fs.mkdirSync(workspace);
  packageExtension(vsix);
  const vscode = await startVSCode({ vsix, workspace });
  t.after(() => vscode.stop().then(vscode.clean));
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const workbench = new Workbench(page);
  await workbench.open(vscode.url);

  const message = page.locator(".notification-toast").filter({ hasText: "No aspm-lsp server" });
  await message.filter({ hasText: "Install aspm-lsp" }).waitFor();
  const status = page.locator('[id="aspm-lsp.aspm-lsp.aspm.status"]');
  await status.filter({ hasText: "ASPM" }).waitFor();
  await page.screenshot({ path: path.join(rig, "pictures/no-server.png") });

  await message.locator(".monaco-button").filter({ hasText: "Open Settings" }).click();
  await page.locator(".settings-editor .setting-item-contents").filter({ hasText: "Server: Path" }).waitFor();
});
