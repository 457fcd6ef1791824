"""One working session as each client that pytest-lsp has a profile of: by the capabilities that it sends, with everything
that the server sends held against them."""

import asyncio
import json
import os
import pathlib
from typing import Union

import pytest
import shop
from lsprotocol import types as lsp
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient, client_capabilities
from pytest_lsp.client import register_lsp_features
from pytest_lsp.protocol import LanguageClientProtocol

SERVER = os.environ["ASPM_LSP_SERVER"]
PROFILES = ["neovim@v0.6.1", "neovim@v0.7.0", "neovim@v0.8.0", "neovim@v0.9.1", "neovim@v0.10.0", "neovim@v0.11.0",
            "visual_studio_code@v1.65.2", "emacs@v29.1"]
DEADLINE = 30
# What has to be announced before the server may ask for it.
ASKED_BY = {
    "window/workDoneProgress/create": "window.workDoneProgress",
    "window/showDocument": "window.showDocument.support",
    "workspace/diagnostic/refresh": "workspace.diagnostics.refreshSupport",
    "workspace/codeLens/refresh": "workspace.codeLens.refreshSupport",
    "workspace/applyEdit": "workspace.applyEdit",
    "workspace/configuration": "workspace.configuration",
    "workspace/workspaceFolders": "workspace.workspaceFolders",
    "workspace/inlayHint/refresh": "workspace.inlayHint.refreshSupport",
    "window/showMessageRequest": "window.showMessage",
    "aspm/input": "experimental.aspm.input",
}
REGISTERED_BY = {
    "workspace/didChangeWatchedFiles": "workspace.didChangeWatchedFiles.dynamicRegistration",
    "workspace/didChangeConfiguration": "workspace.didChangeConfiguration.dynamicRegistration",
}
TOLD_BY = {
    "textDocument/publishDiagnostics": "textDocument.publishDiagnostics",
    "$/progress": "window.workDoneProgress",
    "aspm/copy": "experimental.aspm.copy",
    "aspm/locations": "experimental.aspm.locations",
    # Anybody may get these.
    "aspm/status": None, "window/showMessage": None, "window/logMessage": None,
}


class Protocol(LanguageClientProtocol):
    """Keeps every message as it came."""

    def structure_message(self, data):
        # Called for each object within a message, too.
        if "jsonrpc" in data:
            self.__dict__.setdefault("came", []).append(json.loads(json.dumps(data)))
        return super().structure_message(data)


def make_client():
    converter = default_converter()
    # lsprotocol takes any code action that has a command for a command.
    converter.register_structure_hook(
        Union[lsp.Command, lsp.CodeAction],
        lambda it, _: converter.structure(it, lsp.Command if isinstance(it.get("command"), str) else lsp.CodeAction))
    client = LanguageClient(protocol_cls=Protocol, converter_factory=lambda: converter)
    register_lsp_features(client)

    @client.feature(lsp.CLIENT_REGISTER_CAPABILITY)
    def register(params):
        return None

    @client.feature(lsp.WORKSPACE_CODE_LENS_REFRESH)
    def lenses(params):
        return None

    return client


def profiles():
    for name in PROFILES:
        yield pytest.param((name, False), id=name)
    # No profile has both halves of pulling: these two clients with the half that they got later.
    for name in ("neovim@v0.11.0", "visual_studio_code@v1.65.2"):
        yield pytest.param((name, True), id=f"{name}, pulling")


def has(capabilities, path):
    for name in path.split("."):
        capabilities = (capabilities or {}).get(name)
    return capabilities not in (None, False)


class Session:
    """A client with its workspace."""

    def __init__(self, client, capabilities, root, result):
        self.client, self.capabilities, self.root = client, capabilities, root
        self.server = result.capabilities
        self.encoding = self.server.position_encoding or "utf-16"
        self.pulls = self.server.diagnostic_provider is not None

    def uri(self, name):
        return (self.root / name).as_uri()

    def open(self, name, text):
        self.client.text_document_did_open(
            lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(self.uri(name), "python", 1, text)))

    def covered(self, text, area):
        """The text of a range, by the encoding that was agreed on."""
        lines = text.split("\n")
        assert area.start.line == area.end.line
        line = lines[area.start.line]
        if self.encoding == "utf-32":
            return line[area.start.character : area.end.character]
        code, unit = ("utf-8", 1) if self.encoding == "utf-8" else ("utf-16-le", 2)
        return line.encode(code)[area.start.character * unit : area.end.character * unit].decode(code)

    async def diagnostics(self, name, text, wanted):
        """Waits for diagnostics on exactly these texts, whichever way they come."""
        uri = self.uri(name)
        async with asyncio.timeout(DEADLINE):
            while True:
                if self.pulls:
                    report = await self.client.text_document_diagnostic_async(
                        lsp.DocumentDiagnosticParams(lsp.TextDocumentIdentifier(uri)))
                    shown = report.items
                else:
                    shown = list(self.client.diagnostics.get(uri) or [])
                try:
                    if [self.covered(text, one.range) for one in shown] == wanted:
                        return shown
                except (AssertionError, UnicodeDecodeError, IndexError):
                    pass  # of another version
                await asyncio.sleep(0.02)


@pytest.fixture(params=list(profiles()))
def profile(request):
    return request.param


async def start(profile, base):
    name, is_pulling = profile
    capabilities = client_capabilities(name)
    if is_pulling:
        capabilities.workspace.diagnostics = lsp.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
        capabilities.text_document.diagnostic = lsp.DiagnosticClientCapabilities(dynamic_registration=True)
    root = shop.make(base / "the shop é")
    client = make_client()
    await client.start_io(SERVER, "--stdio", env=shop.environment(base))
    folders = [lsp.WorkspaceFolder(uri=root.as_uri(), name="shop")]
    result = await client.initialize_session(lsp.InitializeParams(
        capabilities=capabilities, root_uri=root.as_uri(), workspace_folders=folders, process_id=os.getpid()))
    raw = client.protocol._converter.unstructure(capabilities)
    return Session(client, raw, root, result)


def check(session):
    """Whether everything that came had been announced."""
    announced = session.capabilities
    for message in session.client.protocol.came:
        method = message.get("method")
        if method is None:
            assert "error" not in message, message
        elif "id" in message and method == "client/registerCapability":
            for one in message["params"]["registrations"]:
                assert has(announced, REGISTERED_BY[one["method"]]), one
        elif "id" in message:
            assert has(announced, ASKED_BY[method]), message
        else:
            assert TOLD_BY[method] is None or has(announced, TOLD_BY[method]), message
    for message in session.client.protocol.came:
        if message.get("method") != "textDocument/publishDiagnostics":
            continue
        for one in message["params"]["diagnostics"]:
            can = announced["textDocument"]["publishDiagnostics"]
            assert can.get("relatedInformation") or "relatedInformation" not in one, one
            assert can.get("codeDescriptionSupport") or "codeDescription" not in one, one
            assert can.get("tagSupport") or "tags" not in one, one


@pytest.mark.asyncio
@pytest.mark.filterwarnings("error::pytest_lsp.checks.LspSpecificationWarning")
async def test_a_working_session(profile, tmp_path):
    session = await start(profile, tmp_path)
    client, announced = session.client, session.capabilities
    offered = (announced.get("general") or {}).get("positionEncodings") or ["utf-16"]
    assert session.encoding in offered
    assert session.pulls == profile[1]
    text = shop.NOW
    session.open("app.py", text)
    both = ["yaml.load(stream)", 'subprocess.call("ls " + name, shell=True)']
    shown = await session.diagnostics("app.py", text, both)
    assert [one.code for one in shown] == ["B506", "B602"]
    if session.pulls:
        report = await client.text_document_diagnostic_async(
            lsp.DocumentDiagnosticParams(lsp.TextDocumentIdentifier(session.uri("app.py"))))
        again = await client.text_document_diagnostic_async(lsp.DocumentDiagnosticParams(
            lsp.TextDocumentIdentifier(session.uri("app.py")), previous_result_id=report.result_id))
        assert again.kind == "unchanged"

    document = lsp.TextDocumentIdentifier(session.uri("app.py"))
    hover = await client.text_document_hover_async(lsp.HoverParams(document, shown[0].range.start))
    formats = announced["textDocument"]["hover"].get("contentFormat") or ["plaintext"]
    assert hover.contents.kind == formats[0]
    assert "B506" in hover.contents.value and "CWE-20" in hover.contents.value
    assert session.covered(text, hover.range) == both[0]

    actions = await client.text_document_code_action_async(lsp.CodeActionParams(
        document, shown[0].range, lsp.CodeActionContext(diagnostics=[shown[0]])))
    can = announced["textDocument"]["codeAction"]
    if can.get("codeActionLiteralSupport"):
        kinds = can["codeActionLiteralSupport"]["codeActionKind"]["valueSet"]
        assert all(any(one.kind == kind or kind == "" or one.kind.startswith(kind + ".") for kind in kinds) for one in actions)
        assert can.get("disabledSupport") or not any(one.disabled for one in actions)
        # Those of commands have neither.
        fix = next(one for one in actions if one.edit or one.data)
        if not fix.edit:
            assert "edit" in can["resolveSupport"]["properties"]
            fix = await client.code_action_resolve_async(fix)
        if fix.edit.document_changes:
            assert announced["workspace"]["workspaceEdit"]["documentChanges"]
            edits = fix.edit.document_changes[0].edits
        else:
            edits = fix.edit.changes[session.uri("app.py")]
        [edit] = edits
        # Done as the client would do it, and the finding is gone.
        lines, line = text.split("\n"), edit.range.start.line
        fixed = lines[line].replace(session.covered(text, edit.range), edit.new_text, 1)
        assert fixed.strip() == f"return {shop.FIX}"
        lines[line] = fixed
        text = "\n".join(lines)
        client.text_document_did_change(lsp.DidChangeTextDocumentParams(
            lsp.VersionedTextDocumentIdentifier(version=2, uri=document.uri),
            [lsp.TextDocumentContentChangePartial(range=edit.range, text=edit.new_text)]))
        shown = await session.diagnostics("app.py", text, both[1:])
        both = both[1:]

    lenses = await client.text_document_code_lens_async(lsp.CodeLensParams(document))
    assert lenses and lenses[-1].command.command == "aspm.open"
    copied = await client.workspace_execute_command_async(lsp.ExecuteCommandParams(
        command="aspm.copyMarkdown", arguments=[{"id": shown[-1].data["ids"][0]}]))
    assert "B602" in json.dumps(copied, default=str)

    # The file is renamed: one document closes, another opens, and a watching client tells of the files.
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(document))
    pathlib.Path(session.root / "app.py").rename(session.root / "renamed.py")
    (session.root / "renamed.py").write_text(text)
    client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([
        lsp.FileEvent(session.uri("app.py"), lsp.FileChangeType.Deleted),
        lsp.FileEvent(session.uri("renamed.py"), lsp.FileChangeType.Created)]))
    session.open("renamed.py", text)
    await session.diagnostics("renamed.py", text, both)
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(session.uri("renamed.py"))))

    await client.shutdown_session()
    assert client._server.returncode == 0
    check(session)
    await client.stop()
