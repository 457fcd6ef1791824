"""The two programs that run hooks, and the least they have to be asked for differently."""

import os
import re
import shutil
from pathlib import Path

from repository import Home

ROOT = Path(__file__).resolve().parents[2]
RIG = Path(os.environ.get("ASPM_TEST_RIG") or Path.home() / ".cache/aspm-test-rig") / "hooks"
PROGRAM = Path(os.environ["ASPM_LSP_BIN"]).resolve()
VERSION = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text("utf-8"), re.MULTILINE)[1]


class PreCommit:
    """pre-commit, the original."""

    name = "pre-commit"
    config = ".pre-commit-config.yaml"
    # How far it moves a hook's output to the right.
    indent = 0


class Prek:
    """prek, which reads the same files."""

    name = "prek"
    config = ".pre-commit-config.yaml"
    indent = 2


def home(*, has_program=True):
    """A private home; with `has_program`, aspm-lsp is on the PATH as users of the system hook have it."""
    made = Home()
    folder = made.folder / "bin"
    folder.mkdir()
    for tool in ("pre-commit", "prek", "uv"):
        (folder / tool).symlink_to(RIG / "bin" / tool)
    # Without a cargo at hand, prek would fetch a tool chain.
    cargo = shutil.which("cargo")
    if cargo:
        (folder / "cargo").symlink_to(cargo)
    if has_program:
        (folder / "aspm-lsp").symlink_to(PROGRAM)
    made.env["PATH"] = f"{folder}{os.pathsep}{made.env['PATH']}"
    return made


def hook_repository(made):
    """A repository with our manifest and a version tag, as users name it under `repo:`; its path."""
    hooks = made.repository("hooks")
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks.path)
    hooks.git("add", ".")
    hooks.commit("Hooks")
    hooks.git("tag", f"v{VERSION}")
    return hooks.path


def entry(hooks, hook="aspm-system"):
    """The configuration that takes a hook from there."""
    return f"repos:\n- repo: {hooks}\n  rev: v{VERSION}\n  hooks:\n  - id: {hook}\n"
