// Makes the .vsix. Without options: one for every platform, which finds the server on the user's machine. With
// `--target linux-x64 [--server FILE]`: one for that platform that carries the server; FILE is by default the
// repository's release build. `--out FILE` names the result. Packs from a scratch folder, so that nothing but what is
// listed here gets in and nothing is left in the source tree.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const extension = fileURLToPath(new URL("..", import.meta.url));
const repository = path.resolve(extension, "../..");
const { name, version } = JSON.parse(fs.readFileSync(path.join(extension, "package.json"), "utf8"));

const { values: options } = parseArgs({
  options: { target: { type: "string" }, server: { type: "string" }, out: { type: "string" } },
});
if (options.server && !options.target) {
  fail("--server needs --target: a package that carries a server is for one platform.");
}

const program = options.target?.startsWith("win32") ? "aspm-lsp.exe" : "aspm-lsp";
const server = options.target && path.resolve(options.server ?? path.join(repository, "target/release", program));
if (server && !fs.existsSync(server)) {
  fail(`There is no server at ${server}. Build it (cargo build --release) or name it with --server.`);
}
const suffix = options.target ? `-${options.target}` : "";
const out = path.resolve(options.out ?? path.join(extension, `${name}-${version}${suffix}.vsix`));

const stage = fs.mkdtempSync(path.join(os.tmpdir(), "aspm-vsix-"));
try {
  run(process.execPath, [path.join(extension, "scripts/build.mjs"), "--minify"], extension);
  for (const file of ["package.json", "README.md", "dist/extension.js"]) {
    copy(path.join(extension, file), file);
  }
  for (const file of ["LICENSE-MIT", "LICENSE-APACHE"]) {
    copy(path.join(repository, file), file);
  }
  if (server) {
    copy(server, `bin/${program}`);
    fs.chmodSync(path.join(stage, "bin", program), 0o755);
  }
  fs.writeFileSync(path.join(stage, ".vscodeignore"), ""); // All of the folder is meant.
  const vsce = path.join(extension, "node_modules/@vscode/vsce/vsce");
  // There are two licences, under names of their own; vsce would ask where the one it knows of is.
  const flags = ["--no-dependencies", "--skip-license", "--out", out];
  if (options.target) {
    flags.push("--target", options.target);
  }
  run(process.execPath, [vsce, "package", ...flags], stage);
} finally {
  fs.rmSync(stage, { recursive: true, force: true });
}

function copy(from, to) {
  const target = path.join(stage, to);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.copyFileSync(from, target);
}

function run(command, args, cwd) {
  execFileSync(command, args, { cwd, stdio: "inherit" });
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
