"""`aspm-lsp init --pre-commit`, and the entry it writes, installed from an index of one wheel and nothing else."""

import subprocess
import unittest

import tools
from gate import for_each_tool
from repository import BAD, CALL, FIXED, SAFE
from test_wheel import build

OTHER = """\
# The hooks of this shop.
default_install_hook_types: [pre-commit]
repos:
  - repo: meta   # no downloads
    hooks:
      - id: identity

# Not part of the list.
ci:
  autofix_prs: false
"""


class Init:
    @classmethod
    def setUpClass(cls):
        # As on the machine of somebody who has the hook and nothing else: aspm-lsp is on no PATH.
        cls.home = tools.home(has_program=False)
        cls.addClassCleanup(cls.home.remove)
        made = build(cls.home.folder / "dist")
        if made.returncode:
            raise AssertionError(made.stderr)
        places = [str(cls.home.folder / "dist"), str(tools.RIG / "wheels")]
        cls.home.env |= {
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": " ".join(places),
            "UV_NO_INDEX": "1",
            "UV_OFFLINE": "1",
            "UV_FIND_LINKS": ",".join(places),
        }

    def setUp(self):
        self.repo = self.home.repository()
        self.repo.ignore("/.aspm/scan.sarif")

    def init(self, *args, **more):
        return self.repo.run(str(tools.PROGRAM), "init", "--pre-commit", *args, **more)

    def written(self):
        """Our entry in place, on a branch, hooks on."""
        answer = self.init()
        self.assertEqual(answer.code, 0, answer)
        self.repo.git("add", self.tool.config)
        self.repo.add("app.py", SAFE)
        self.base = self.repo.commit("Base")
        self.repo.git("switch", "--quiet", "--create", "feature")
        self.install(self.repo)

    def test_the_entry_installs_the_wheel_and_gates_commits(self):
        self.written()
        self.repo.scan(("app.py", BAD, CALL))
        self.repo.add("app.py", BAD)
        self.blocked(self.commit())
        self.repo.add("app.py", FIXED)
        self.passed(self.commit())

    def test_what_was_there_stays_and_both_tools_accept_the_result(self):
        self.repo.write(self.tool.config, OTHER)
        self.written()
        text = self.repo.read(self.tool.config)
        lines = text.splitlines(keepends=True)
        ours = [at for at, line in enumerate(lines) if "repo: local" in line][0]
        length = lines[ours:].index("\n")
        self.assertEqual("".join(lines[:ours] + lines[ours + length :]), OTHER)
        for tool in ("pre-commit", "prek"):
            answer = self.repo.run(tool, "validate-config", self.tool.config)
            self.assertEqual((answer.code, answer.says("Unexpected")), (0, False), answer)
        again = self.init()
        self.assertTrue(again.says("names aspm-lsp already"), again)
        self.assertEqual(self.repo.read(self.tool.config), text)
        self.passed(self.tool_run("aspm"), "Nothing to check")

    def test_an_older_entry_gets_the_version_at_hand(self):
        self.written()
        text = self.repo.read(self.tool.config)
        self.repo.write(self.tool.config, text.replace(f"aspm-lsp=={tools.VERSION}", "aspm-lsp==0.0.1"))
        answer = self.init()
        self.assertTrue(answer.says(f"aspm-lsp 0.0.1 became {tools.VERSION}"), answer)
        self.assertEqual(self.repo.read(self.tool.config), text)

    def test_a_service_in_a_folder_is_gated_by_its_own_root(self):
        self.repo.add("it's a/b.c/aspm.toml", "")
        answer = self.init(cwd="it's a/b.c")
        self.assertEqual(answer.code, 0, answer)
        self.assertFalse((self.repo.path / "it's a/b.c" / self.tool.config).exists())
        self.repo.git("add", self.tool.config)
        self.repo.add("app.py", SAFE)
        self.repo.commit("Base")
        self.repo.git("switch", "--quiet", "--create", "feature")
        self.install(self.repo)
        self.repo.scan(("app.py", BAD, CALL), to="it's a/b.c/.aspm/scan.sarif")
        self.repo.ignore(".aspm/scan.sarif")
        self.repo.add("it's a/b.c/app.py", BAD)
        self.blocked(self.commit())
        self.blocked(self.tool_run("--all-files"))
        self.repo.git("reset", "--quiet", "--hard")
        self.repo.add("app.py", BAD)
        self.passed(self.commit(), "Nothing to check")

    def test_what_cannot_be_changed_safely_is_left_alone_and_the_entry_shown(self):
        for name, text in ((self.tool.config, "repos: [{repo: meta}]\n"), ("prek.toml", "repos = []\n")):
            with self.subTest(name):
                self.repo.write(name, text)
                answer = self.init()
                self.assertEqual(answer.code, 2, answer)
                self.assertTrue(answer.says(f'additional_dependencies: ["aspm-lsp=={tools.VERSION}"]'), answer)
                self.assertEqual(self.repo.read(name), text)
                (self.repo.path / name).unlink()

    def test_a_link_out_of_the_repository_is_not_followed(self):
        outside = self.home.folder / "outside.yaml"
        outside.write_text("repos: []\n", "utf-8")
        (self.repo.path / self.tool.config).unlink(missing_ok=True)
        (self.repo.path / self.tool.config).symlink_to(outside)
        self.assertEqual(self.init().code, 2)
        self.assertEqual(outside.read_text("utf-8"), "repos: []\n")
        outside.unlink()


class Manifest(unittest.TestCase):
    """Our own list of hooks."""

    def test_both_tools_accept_the_manifest(self):
        for tool in ("pre-commit", "prek"):
            done = subprocess.run(
                [tools.RIG / "bin" / tool, "validate-manifest", tools.ROOT / ".pre-commit-hooks.yaml"],
                capture_output=True,
                text=True,
                check=False,
            )
            self.assertEqual((done.returncode, "nexpected" in done.stdout + done.stderr), (0, False), done)

    def test_the_root_holds_a_package_of_rust_and_none_of_python(self):
        self.assertIn("\n[package]\n", (tools.ROOT / "Cargo.toml").read_text("utf-8"))
        for name in ("pyproject.toml", "setup.py", "setup.cfg"):
            self.assertFalse((tools.ROOT / name).exists(), name)


for_each_tool(Init, globals())
