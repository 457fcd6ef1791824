"""The wheel: what is in it, who accepts it, and that it comes and goes without a trace."""

import base64
import csv
import email
import hashlib
import io
import os
import re
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

import tools

BUILD = tools.ROOT / "packaging/wheel/build.py"
sys.path.insert(0, str(BUILD.parent))
import platform_tag  # noqa: E402


def build(folder, program=tools.PROGRAM, *args):
    """Runs the builder as a person would."""
    command = [sys.executable, BUILD, program, folder, *args]
    return subprocess.run(command, capture_output=True, text=True, check=False)


class Wheel(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory(prefix="aspm-wheel-")
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name)
        done = build(cls.folder / "dist")
        if done.returncode:
            raise AssertionError(done.stderr)
        cls.wheel = Path(done.stdout.strip())

    def test_its_name_is_version_and_platform_for_any_python(self):
        self.assertRegex(self.wheel.name, rf"^aspm_lsp-{re.escape(tools.VERSION)}-py3-none-\w+\.whl$")
        self.assertEqual([one.name for one in self.wheel.parent.iterdir()], [self.wheel.name])

    def test_it_holds_the_program_as_it_is_executable_and_no_python(self):
        with zipfile.ZipFile(self.wheel) as archive:
            self.assertIsNone(archive.testzip())
            entries = {one.filename: one for one in archive.infolist()}
            script = f"aspm_lsp-{tools.VERSION}.data/scripts/aspm-lsp"
            self.assertEqual(entries[script].external_attr >> 16, 0o100755)
            self.assertEqual(archive.read(script), tools.PROGRAM.read_bytes())
            self.assertEqual([name for name in entries if name.endswith(".py")], [])
            modes = {one.external_attr >> 16 for name, one in entries.items() if name != script}
            self.assertEqual(modes, {0o100644})

    def test_its_record_names_every_file_with_its_hash(self):
        with zipfile.ZipFile(self.wheel) as archive:
            record = next(name for name in archive.namelist() if name.endswith("/RECORD"))
            rows = list(csv.reader(io.StringIO(archive.read(record).decode())))
            self.assertEqual(sorted(row[0] for row in rows), sorted(archive.namelist()))
            for name, digest, size in rows:
                if name == record:
                    self.assertEqual((digest, size), ("", ""))
                    continue
                content = archive.read(name)
                wanted = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
                self.assertEqual((digest, int(size)), (f"sha256={wanted}", len(content)))

    def test_its_metadata_passes_twine_and_names_both_licences(self):
        answer = subprocess.run(
            [tools.RIG / "bin/twine", "check", "--strict", self.wheel], capture_output=True, text=True, check=False
        )
        self.assertEqual(answer.returncode, 0, answer.stdout + answer.stderr)
        with zipfile.ZipFile(self.wheel) as archive:
            info = f"aspm_lsp-{tools.VERSION}.dist-info"
            fields = email.message_from_bytes(archive.read(f"{info}/METADATA"))
            self.assertEqual((fields["Name"], fields["Version"]), ("aspm-lsp", tools.VERSION))
            self.assertIsNone(fields["Requires-Dist"])
            for name in fields.get_all("License-File"):
                self.assertEqual(archive.read(f"{info}/licenses/{name}"), (tools.ROOT / name).read_bytes())
            self.assertEqual(len(fields.get_all("License-File")), 2)
            tags = email.message_from_bytes(archive.read(f"{info}/WHEEL")).get_all("Tag")
            self.assertEqual(tags, [self.wheel.stem.split("-", 2)[2]])

    def test_pip_and_uv_install_it_and_leave_nothing_when_it_goes(self):
        for tool in ("pip", "uv"):
            with self.subTest(tool):
                self.install_and_remove(tool)

    def install_and_remove(self, tool):
        home = self.folder / tool
        environment = os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "UV_OFFLINE": "1"}

        def run(*command):
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}{done.stderr}")
            return done.stdout

        venv = home / "venv"
        uv = tools.RIG / "bin/uv"
        run(*([sys.executable, "-m", "venv"] if tool == "pip" else [uv, "venv"]), venv)
        pip = [venv / "bin/pip"] if tool == "pip" else [uv, "pip"]
        python = [] if tool == "pip" else ["--python", venv]
        yes = ["--yes"] if tool == "pip" else []
        files = set(self.files(venv))
        source = ["--no-index", "--find-links", self.wheel.parent]
        run(*pip, "install", *python, *source, f"aspm-lsp=={tools.VERSION}")
        self.assertEqual(run(venv / "bin/aspm-lsp", "--version").split(), ["aspm-lsp", tools.VERSION])
        self.assertEqual((venv / "bin/aspm-lsp").stat().st_mode & 0o777, 0o755)
        run(*pip, "check", *python)
        run(*pip, "uninstall", *python, *yes, "aspm-lsp")
        self.assertEqual([path for path in self.files(venv) if path not in files], [])

    def files(self, venv):
        """What is in an environment, without what pip and uv keep there for themselves."""
        return sorted(path for path in venv.rglob("*") if "__pycache__" not in path.parts and path.name != ".lock")

    def test_the_same_program_gives_the_same_bytes(self):
        again = build(self.folder / "again")
        self.assertEqual(again.returncode, 0, again.stderr)
        digests = {hashlib.sha256(path.read_bytes()).digest() for path in (self.wheel, Path(again.stdout.strip()))}
        self.assertEqual(len(digests), 1)

    def test_what_is_no_aspm_lsp_of_this_version_is_refused(self):
        stale = self.folder / "stale"
        stale.write_text("#!/bin/sh\necho aspm-lsp 0.0.1\n", "utf-8")
        stale.chmod(0o755)
        for program, args, said in (
            (stale, ("--platform", "linux_x86_64"), "the program says aspm-lsp 0.0.1: build it anew"),
            (stale, (), "neither an ELF, a Mach-O nor a Windows program"),
            (self.folder / "nowhere", (), "No such file"),
        ):
            done = build(self.folder / "refused", program, *args)
            self.assertEqual(done.returncode, 1)
            self.assertIn(said, done.stderr)
            self.assertFalse((self.folder / "refused").exists())

    def test_the_platform_is_read_from_the_program_as_others_declare_theirs(self):
        declared = 0
        for name in ("uv", "prek"):
            info = next((tools.RIG / "lib").glob(f"python3*/site-packages/{name}-*.dist-info"))
            tags = re.findall(r"^Tag: py3-none-(\w+)$", (info / "WHEEL").read_text("utf-8"), re.MULTILINE)
            self.assertIn(platform_tag.of((tools.RIG / "bin" / name).read_bytes()), tags)
            declared += len(tags)
        self.assertGreater(declared, 0)

    def test_a_program_cut_off_anywhere_in_its_headers_is_refused_in_words(self):
        program = tools.PROGRAM.read_bytes()
        for length in [*range(0, 900, 7), 4096]:
            with self.assertRaises(platform_tag.Unportable):
                platform_tag.of(program[:length])


if __name__ == "__main__":
    unittest.main()
