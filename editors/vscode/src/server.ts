// Finds the server program and makes sure that it runs. It never downloads one. Knows nothing of VS Code, so that it is
// tested without it.

import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import path from "node:path";

/** Where a server may be. */
export interface Surroundings {
  /** Environment variables of the extension host. */
  env: Readonly<Record<string, string | undefined>>;
  /** The setting `aspm.server.path`; empty when not set. */
  configuredPath: string;
  /** Whether the user trusts the workspace; only then is the setting used. */
  trusted: boolean;
  /** Absolute path of the installed extension. */
  extensionDir: string;
  platform: NodeJS.Platform;
}

/** A server that runs. */
export interface Server {
  /** Absolute path of the program. */
  program: string;
  /** What it says of its version. */
  version: string;
  /** Why this one, for the log. */
  origin: string;
}

/** No usable server; the message is for the user and says what to do. */
export class ServerError extends Error {}

/** How long `aspm-lsp --version` may take; a cold start from a slow disk takes a second. */
const VERSION_TIMEOUT_MS = 15_000;

interface Candidate {
  program: string;
  origin: string;
  /** What to do if this one, which the user asked for, does not work. */
  remedy: string;
}

/**
 * The server to start: the one the developer of this extension names in `ASPM_LSP_SERVER`, else the configured one, else
 * the bundled one, else the first on the `PATH`. One that was asked for by name is used or refused, never passed over.
 *
 * @throws ServerError
 */
export async function findServer(where: Surroundings): Promise<Server> {
  const candidate = await choose(where);
  if (!path.isAbsolute(candidate.program) || !(await isExecutable(candidate.program))) {
    throw new ServerError(
      `${candidate.origin} is “${candidate.program}”, which is not the absolute path of a program. ${candidate.remedy}`,
    );
  }
  const version = await askVersion(candidate, where.extensionDir);
  return { program: candidate.program, version, origin: candidate.origin };
}

async function choose(where: Surroundings): Promise<Candidate> {
  const fromEnv = where.env["ASPM_LSP_SERVER"];
  if (fromEnv) {
    return { program: fromEnv, origin: "ASPM_LSP_SERVER", remedy: "Correct or unset that variable." };
  }

  const configured = where.configuredPath.trim();
  if (configured && where.trusted) {
    return {
      program: configured,
      origin: "The setting aspm.server.path",
      remedy: "Correct the setting, or clear it to use the server that comes with the extension.",
    };
  }

  const name = where.platform === "win32" ? "aspm-lsp.exe" : "aspm-lsp";
  const bundled = path.join(where.extensionDir, "bin", name);
  if (await isExecutable(bundled)) {
    return { program: bundled, origin: "The bundled server", remedy: "Install the extension again." };
  }

  for (const folder of (where.env["PATH"] ?? where.env["Path"] ?? "").split(path.delimiter)) {
    const program = path.join(folder, name);
    // A relative entry would look into the workspace.
    if (path.isAbsolute(folder) && (await isExecutable(program))) {
      return { program, origin: "The server on the PATH", remedy: "Install aspm-lsp again." };
    }
  }

  throw new ServerError(
    configured
      ? "No aspm-lsp server: the setting aspm.server.path is used only in a trusted workspace, this extension carries no" +
          " server and none is on the PATH. Trust the workspace, or install aspm-lsp on the PATH, then run" +
          " “ASPM: Restart the Server”."
      : "No aspm-lsp server: this extension carries none for your platform and none is on the PATH. Install aspm-lsp," +
          " or set aspm.server.path to its absolute path, then run “ASPM: Restart the Server”.",
  );
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

function askVersion({ program, origin, remedy }: Candidate, cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, ["--version"], { cwd, timeout: VERSION_TIMEOUT_MS, windowsHide: true }, (error, stdout) => {
      const version = /^aspm-lsp (\S+)/.exec(stdout)?.[1];
      if (!error && version) {
        resolve(version);
        return;
      }
      const what = error?.killed
        ? `did not answer within ${VERSION_TIMEOUT_MS / 1000} seconds`
        : error
          ? `failed: ${error.message.trim()}`
          : "is not an aspm-lsp server";
      reject(new ServerError(`${origin} (${program}) ${what}. ${remedy}`));
    });
  });
}
