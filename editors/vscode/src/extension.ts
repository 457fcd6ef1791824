// Starts the server, shows its state and keeps it told of settings and trust. Everything about findings is the server's.

import { createInterface } from "node:readline";

import * as vscode from "vscode";
import {
  CloseAction,
  DidChangeConfigurationNotification,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type ErrorHandler,
} from "vscode-languageclient/node";

import { fillIn, type InputRequest } from "./input";
import { findServer, ServerError } from "./server";
import { display, STARTING, stopped, type Display, type Status } from "./status";

let session: Session | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel("ASPM", { log: true });
  const item = vscode.window.createStatusBarItem("aspm.status", vscode.StatusBarAlignment.Left);
  item.name = "ASPM findings";
  item.command = "aspm.showLog";
  const running = new Session(context.extensionPath, log, item);
  session = running;

  context.subscriptions.push(
    log,
    item,
    vscode.commands.registerCommand("aspm.restart", () => running.restart()),
    vscode.commands.registerCommand("aspm.showLog", () => log.show()),
    // The server was told that the workspace is not trusted; only a new one may know better.
    vscode.workspace.onDidGrantWorkspaceTrust(() => running.restart()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("aspm.server.path")) {
        void running.restart();
      } else if (change.affectsConfiguration("aspm")) {
        running.sendSettings();
      }
    }),
  );
  void running.restart();
}

export async function deactivate(): Promise<void> {
  await session?.stop();
  session = undefined;
}

/** At most one server at a time; starts and stops happen in the order in which they were asked for. */
class Session {
  readonly #extensionDir: string;
  readonly #log: vscode.LogOutputChannel;
  readonly #item: vscode.StatusBarItem;
  #client: LanguageClient | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(extensionDir: string, log: vscode.LogOutputChannel, item: vscode.StatusBarItem) {
    this.#extensionDir = extensionDir;
    this.#log = log;
    this.#item = item;
  }

  /** Ends the server, if there is one, and starts a new one with the settings and trust of now. */
  restart(): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      await this.#end();
      await this.#begin();
    });
    return this.#turn;
  }

  stop(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#end());
    return this.#turn;
  }

  /** Tells the running server the display settings. */
  sendSettings(): void {
    if (this.#client?.state === State.Running) {
      void this.#client.sendNotification(DidChangeConfigurationNotification.type, { settings: { aspm: settings() } });
    }
  }

  async #begin(): Promise<void> {
    this.#show(STARTING);
    try {
      const server = await findServer({
        env: process.env,
        configuredPath: vscode.workspace.getConfiguration("aspm").get("server.path", ""),
        trusted: vscode.workspace.isTrusted,
        extensionDir: this.#extensionDir,
        platform: process.platform,
      });
      this.#log.info(`${server.origin}: ${server.program}, version ${server.version}`);
      const client = this.#newClient(server.program);
      this.#client = client;
      // Not waited for: a server that hangs while it starts must not hold up the restart that would cure it.
      client.start().catch((error: unknown) => {
        if (client === this.#client) {
          this.#report(error);
        }
      });
    } catch (error) {
      this.#report(error);
    }
  }

  async #end(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    try {
      await client?.dispose();
    } catch (error) {
      // A server that failed to start, or that is slow to say goodbye, is gone all the same.
      this.#log.warn(`Stopping the server: ${String(error)}`);
    }
  }

  #newClient(program: string): LanguageClient {
    const client: LanguageClient = new LanguageClient(
      "aspm",
      "ASPM",
      // Not in the workspace folder: the server learns its roots from the protocol.
      { command: program, args: ["--stdio"], options: { cwd: this.#extensionDir } },
      {
        documentSelector: [{ scheme: "file" }],
        initializationOptions: () => ({ ...settings(), workspaceTrusted: vscode.workspace.isTrusted }),
        outputChannel: this.#log,
        stdioOptions: {
          stdout: () => undefined, // Carries the protocol.
          // What the server logs has its own level, and most of it is no error.
          stderr: (stream, log) => createInterface({ input: stream }).on("line", (line) => log.info(line)),
        },
        errorHandler: {
          error: (error, message, count) => usual.error(error, message, count),
          // The language client would restart a server that was ended while it was still starting.
          closed: () =>
            client === this.#client ? usual.closed() : { action: CloseAction.DoNotRestart, handled: true },
        },
        // A failed request is for the log; what concerns the user, the server says by itself.
        revealOutputChannelOn: RevealOutputChannelOn.Never,
      },
    );
    const usual: ErrorHandler = client.createDefaultErrorHandler();
    client.onNotification("aspm/status", (status: Status) => {
      if (client === this.#client) {
        this.#show(display(status, new Date()));
      }
    });
    client.registerFeature({
      fillClientCapabilities: (capabilities) => {
        capabilities.experimental = { ...capabilities.experimental, aspm: { copy: true, input: true } };
      },
      initialize: () => undefined,
      getState: () => ({ kind: "static" }),
      clear: () => undefined,
    });
    client.onRequest("aspm/input", (request: InputRequest) => fillIn(request));
    client.onNotification("aspm/copy", async ({ text }: { text: string }) => {
      await vscode.env.clipboard.writeText(text);
      vscode.window.setStatusBarMessage("ASPM: copied", 3000);
    });
    client.onDidChangeState(({ newState }) => {
      if (client !== this.#client) {
        return;
      }
      if (newState === State.Starting) {
        this.#show(STARTING);
      } else if (newState === State.Stopped) {
        this.#show(stopped("The server stopped. Run “ASPM: Restart the Server” to try again."));
      }
    });
    return client;
  }

  #report(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#log.error(reason);
    this.#show(stopped(reason));
    if (!(error instanceof ServerError)) {
      return; // The language client has already told the user.
    }
    void vscode.window.showErrorMessage(reason, "Open Settings", "Show Log").then((choice) => {
      if (choice === "Open Settings") {
        // The setting belongs to the machine that runs the server; the user's page lacks it when that is a remote one.
        const page = vscode.env.remoteName ? "workbench.action.openRemoteSettings" : "workbench.action.openSettings";
        void vscode.commands.executeCommand(page, { query: "aspm.server.path" });
      } else if (choice === "Show Log") {
        this.#log.show();
      }
    });
  }

  #show({ text, tooltip, isError }: Display): void {
    this.#item.text = text;
    this.#item.tooltip = tooltip;
    this.#item.backgroundColor = isError ? new vscode.ThemeColor("statusBarItem.errorBackground") : undefined;
    this.#item.show();
  }
}

/** What tunes the display; sent at the start and whenever it changes. */
function settings(): { codeLens: boolean; minimumSeverity: string } {
  const aspm = vscode.workspace.getConfiguration("aspm");
  return {
    codeLens: aspm.get("codeLens", true),
    minimumSeverity: aspm.get("minimumSeverity", "info"),
  };
}
