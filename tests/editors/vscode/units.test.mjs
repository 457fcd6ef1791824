// The parts of the extension that need no VS Code: which server is started, and what the status bar says.
//   node --test-reporter=./reporter.mjs units.test.mjs
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "aspm-units-"));
after(() => fs.rmSync(scratch, { recursive: true, force: true }));

const { findServer, ServerError } = await load("server");
const { display, stopped } = await load("status");

// Which server -------------------------------------------------------------------------------------------------------

const fromEnv = program("env/aspm-lsp");
const fromSetting = program("setting/aspm-lsp");
const bundled = program("extension/bin/aspm-lsp");
const onPath = program("path/aspm-lsp");
const failing = program("failing/aspm-lsp", "echo disk full >&2; exit 3");
const stranger = program("stranger/aspm-lsp", "echo some other program 1.0");
const unexecutable = path.join(scratch, "unexecutable");
fs.writeFileSync(unexecutable, "");

/** Everything is there; a case takes away or changes what it is about. */
const everything = {
  env: { ASPM_LSP_SERVER: fromEnv, PATH: path.dirname(onPath) },
  configuredPath: fromSetting,
  trusted: true,
  extensionDir: path.join(scratch, "extension"),
  platform: "linux",
};
const noBundle = { extensionDir: fs.mkdtempSync(path.join(scratch, "bare-")) };
const pathOnly = { ...noBundle, env: { PATH: path.dirname(onPath) }, configuredPath: "" };

for (const [name, changes, expected] of [
  ["the developer's variable comes first", {}, fromEnv],
  ["then the setting", { env: { PATH: path.dirname(onPath) } }, fromSetting],
  ["the setting is not used in an untrusted workspace", { env: {}, trusted: false }, bundled],
  ["then the bundled server", { env: { PATH: path.dirname(onPath) }, configuredPath: " " }, bundled],
  ["then the PATH", pathOnly, onPath],
  ["in the order of the PATH", { ...pathOnly, env: { PATH: `${scratch}:${path.dirname(onPath)}:${path.dirname(failing)}` } }, onPath],
]) {
  test(`server: ${name}`, async () => {
    assert.deepEqual({ ...(await findServer({ ...everything, ...changes })), origin: "" }, { program: expected, version: "1.2.3", origin: "" });
  });
}

for (const [name, changes, message] of [
  ["a variable that names nothing is said, not passed over", { env: { ASPM_LSP_SERVER: "/nowhere/aspm-lsp" } }, /ASPM_LSP_SERVER.*\/nowhere\/aspm-lsp.*Correct or unset/],
  ["a relative setting is refused", { env: {}, configuredPath: "bin/aspm-lsp" }, /aspm\.server\.path.*not the absolute path/],
  ["a setting that names a file without the right to run is refused", { env: {}, configuredPath: unexecutable }, /aspm\.server\.path.*not the absolute path of a program/],
  ["a setting that names a folder is refused", { env: {}, configuredPath: scratch }, /not the absolute path of a program/],
  ["no server at all says what to do", { ...pathOnly, env: {} }, /none is on the PATH.*Install aspm-lsp.*aspm\.server\.path/],
  ["the unused setting of an untrusted workspace is explained", { ...noBundle, env: {}, trusted: false }, /only in a trusted workspace.*Trust the workspace/],
  ["a relative entry of the PATH is not looked into", { ...pathOnly, env: { PATH: path.relative(process.cwd(), path.dirname(onPath)) } }, /No aspm-lsp server/],
  ["a server that fails is not started", { env: { ASPM_LSP_SERVER: failing } }, /ASPM_LSP_SERVER.*failed.*disk full/s],
  ["another program of that name is not started", { env: { ASPM_LSP_SERVER: stranger } }, /is not an aspm-lsp server/],
]) {
  test(`server: ${name}`, async () => {
    await assert.rejects(findServer({ ...everything, ...changes }), (error) => {
      assert.ok(error instanceof ServerError);
      assert.match(error.message, message);
      return true;
    });
  });
}

// What the status bar says -------------------------------------------------------------------------------------------

const now = new Date("2026-01-08T12:00:00Z");
const none = { open: 0, pending: 0, placed: 0, uncertain: 0, gone: 0, unplaced: 0 };
const ci = { name: "ci", kind: "sarif", state: "ready", findings: 4 };
const unread = { name: "central", kind: "defectdojo", state: "no_data", findings: 0, problems: ["The server did not answer."] };

for (const [name, status, text] of [
  ["loading", { state: "loading", sources: [] }, "$(sync~spin) ASPM"],
  ["loading with findings already known", { state: "loading", sources: [ci], counts: { ...none, open: 3, pending: 3 } }, "$(sync~spin) 3 findings"],
  ["none", { state: "ready", sources: [ci] }, "$(shield) 0 findings"],
  ["one", { state: "ready", sources: [ci], counts: { ...none, open: 1, placed: 1 } }, "$(shield) 1 finding"],
  ["those whose code is gone do not count", { state: "ready", sources: [ci], counts: { ...none, open: 4, placed: 1, gone: 3 } }, "$(shield) 1 finding"],
  ["degraded", { state: "degraded", sources: [ci, unread], counts: { ...none, open: 2, uncertain: 2 } }, "$(warning) 2 findings"],
  ["an unrelated folder stays quiet", { state: "not_configured", sources: [unread] }, "$(shield) ASPM"],
  ["no data is no all-clear", { state: "degraded", sources: [unread] }, "$(warning) No findings data"],
]) {
  test(`status: ${name}`, () => {
    const shown = display({ version: 1, counts: none, ...status }, now);
    assert.deepEqual({ text: shown.text, isError: shown.isError }, { text, isError: false });
  });
}

test("status: the tooltip tells where the findings stand, what each source says and what is wrong", () => {
  const shown = display(
    {
      version: 1,
      state: "degraded",
      counts: { open: 7, pending: 1, placed: 3, uncertain: 1, gone: 1, unplaced: 1 },
      sources: [{ ...ci, scanned_at: "2026-01-05T08:00:00Z", scan_commit: "1a2b3c4d5e6f" }, unread],
      messages: ["aspm.toml, line 3: unknown key."],
    },
    now,
  );
  assert.equal(
    shown.tooltip,
    [
      "ASPM: 6 findings in this workspace",
      "• 3 in the code",
      "• 1 at a best guess",
      "• 1 without a place in the code",
      "• 1 not looked at yet",
      "• 1 fixed here, pending scan",
      "",
      "ci (sarif): 4 findings, scanned 3 days ago at 1a2b3c4d",
      "",
      "central (defectdojo): no data",
      "• The server did not answer.",
      "",
      "aspm.toml, line 3: unknown key.",
      "",
      "Click for the log.",
    ].join("\n"),
  );
});

for (const [then, words] of [
  ["2026-01-08T12:05:00Z", "just now"],
  ["2026-01-08T11:58:30Z", "1 minute ago"],
  ["2026-01-08T11:00:00Z", "1 hour ago"],
  ["2026-01-07T11:00:00Z", "yesterday"],
  ["2026-01-06T12:00:00Z", "2 days ago"],
  ["2025-12-20T12:00:00Z", "2 weeks ago"],
  ["2025-10-08T12:00:00Z", "3 months ago"],
  ["2021-01-08T12:00:00Z", "5 years ago"],
  ["2031-01-01T00:00:00Z", "on 2031-01-01"],
]) {
  test(`status: a scan at ${then} was scanned ${words}`, () => {
    const source = { ...ci, scanned_at: then };
    assert.ok(display({ version: 1, state: "ready", counts: none, sources: [source] }, now).tooltip.includes(`scanned ${words}`));
  });
}

test("status: a source named after its kind is not called so twice", () => {
  const { tooltip } = display({ version: 1, state: "ready", counts: none, sources: [{ ...ci, name: "sarif" }] }, now);
  assert.match(tooltip, /^sarif: 4 findings$/m);
});

test("status: a time that is none has no age", () => {
  const source = { ...ci, scanned_at: "last Tuesday" };
  const { tooltip } = display({ version: 1, state: "ready", counts: none, sources: [source] }, now);
  assert.ok(!tooltip.includes("scanned"), tooltip);
});

test("status: without a server it says why", () => {
  assert.deepEqual({ ...stopped("No server."), tooltip: "" }, { text: "$(error) ASPM", tooltip: "", isError: true });
  assert.match(stopped("No server.").tooltip, /No server\./);
});

// ---------------------------------------------------------------------------------------------------------------------

/** A program that answers `--version`, or does what `script` says. */
function program(name, script = "echo aspm-lsp 1.2.3") {
  const file = path.join(scratch, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

/** One source file of the extension, compiled with the extension's own tool. */
async function load(name) {
  const extension = path.resolve(import.meta.dirname, "../../../editors/vscode");
  const { buildSync } = createRequire(path.join(extension, "package.json"))("esbuild");
  const outfile = path.join(scratch, `${name}.mjs`);
  buildSync({ entryPoints: [path.join(extension, `src/${name}.ts`)], outfile, bundle: true, platform: "node", format: "esm" });
  return import(outfile);
}
