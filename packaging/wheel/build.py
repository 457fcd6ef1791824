#!/usr/bin/env python3
"""Makes the wheel that carries an already built aspm-lsp: no compiler, no Python code inside, nothing to install but it.

    packaging/wheel/build.py target/release/aspm-lsp dist

writes dist/aspm_lsp-VERSION-py3-none-PLATFORM.whl and prints its path. The same program gives the same bytes. pip, uv,
pipx, pre-commit and prek then put `aspm-lsp` on the PATH of an environment. Needs Python 3.11 and nothing else.
"""

import argparse
import base64
import hashlib
import os
import re
import subprocess
import sys
import time
import tomllib
import zipfile
from pathlib import Path

import platform_tag

ROOT = Path(__file__).resolve().parents[2]
NAME = "aspm_lsp"


def main():
    """Reads the arguments, writes the wheel."""
    parser = argparse.ArgumentParser(description="Makes a wheel that carries an already built aspm-lsp.")
    parser.add_argument("program", type=Path, help="the built aspm-lsp")
    parser.add_argument("folder", type=Path, help="where the wheel goes; made if it is not there")
    parser.add_argument("--platform", help="the wheel's platform tag, instead of the one read from the program")
    args = parser.parse_args()
    try:
        print(wheel(args.program, args.folder, args.platform))
    except (platform_tag.Unportable, OSError, ValueError) as error:
        sys.exit(f"build.py: {args.program}: {error}")


def wheel(program, folder, platform=None):
    """Writes the wheel of `program` (a path) into `folder` and returns its path."""
    cargo = tomllib.loads((ROOT / "Cargo.toml").read_text("utf-8"))
    version = python_version(cargo["workspace"]["package"]["version"])
    content = program.read_bytes()
    platform = platform or platform_tag.of(content)
    check_version(program, cargo["workspace"]["package"]["version"])
    tags = [f"py3-none-{one}" for one in platform.split(".")]
    info, data = f"{NAME}-{version}.dist-info", f"{NAME}-{version}.data"
    script = "aspm-lsp.exe" if platform.startswith("win") else "aspm-lsp"
    licenses = sorted(ROOT.glob("LICENSE-*"))
    files = [(f"{data}/scripts/{script}", content, 0o755)]
    files += [(f"{info}/licenses/{path.name}", path.read_bytes(), 0o644) for path in licenses]
    files += [
        (f"{info}/METADATA", metadata(cargo, version, licenses).encode(), 0o644),
        (f"{info}/WHEEL", wheel_file(tags).encode(), 0o644),
    ]
    record = "".join(f"{name},sha256={digest(content)},{len(content)}\n" for name, content, _ in files)
    files.append((f"{info}/RECORD", f"{record}{info}/RECORD,,\n".encode(), 0o644))

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{NAME}-{version}-py3-none-{platform}.whl"
    partial = path.with_suffix(".partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content, mode in files:
            entry = zipfile.ZipInfo(name, date_time())
            entry.create_system = 3  # Unix, whatever builds it: else the mode below means nothing
            entry.external_attr = (0o100000 | mode) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    partial.replace(path)
    return path


def metadata(cargo, version, licenses):
    """What package indexes show. The package stands for the program, so it depends on nothing."""
    package, shared = cargo["package"], cargo["workspace"]["package"]
    fields = [
        ("Metadata-Version", "2.4"),
        ("Name", "aspm-lsp"),
        ("Version", version),
        ("Summary", package["description"]),
        ("License-Expression", shared["license"]),
        *(("License-File", path.name) for path in licenses),
        ("Project-URL", f"Source, {shared['repository']}"),
        ("Classifier", "Environment :: Console"),
        ("Classifier", "Intended Audience :: Developers"),
        ("Classifier", "Programming Language :: Rust"),
        ("Classifier", "Topic :: Security"),
        ("Classifier", "Topic :: Software Development :: Quality Assurance"),
        ("Requires-Python", ">=3.8"),
        ("Description-Content-Type", "text/markdown"),
    ]
    readme = (ROOT / "packaging" / "wheel" / "README.md").read_text("utf-8")
    return "".join(f"{name}: {value}\n" for name, value in fields) + "\n" + readme


def wheel_file(tags):
    """How installers are to treat the archive."""
    lines = ["Wheel-Version: 1.0", "Generator: aspm-lsp packaging/wheel", "Root-Is-Purelib: false"]
    return "\n".join(lines + [f"Tag: {tag}" for tag in tags]) + "\n"


def digest(content):
    """As a RECORD holds it: SHA-256, URL-safe base 64 without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def python_version(version):
    """Cargo's version as Python writes it: `1.2.0-rc.1` is `1.2.0rc1`."""
    match = re.fullmatch(r"(\d+\.\d+\.\d+)(?:-(alpha|beta|rc)\.?(\d+))?", version)
    if not match:
        raise ValueError(f"version {version!r} has no counterpart among Python's: use X.Y.Z or X.Y.Z-{{alpha,beta,rc}}.N")
    release, stage, number = match.groups()
    return release + (f"{dict(alpha='a', beta='b', rc='rc')[stage]}{number}" if stage else "")


def check_version(program, wanted):
    """Refuses a stale build. A program for another machine cannot be asked and is taken as it is."""
    try:
        answer = subprocess.run([program.resolve(), "--version"], capture_output=True, text=True, timeout=60, check=False)
    except OSError:
        return
    if answer.stdout.split() != ["aspm-lsp", wanted]:
        said = (answer.stdout + answer.stderr).strip() or f"nothing, and ended with {answer.returncode}"
        raise ValueError(f"Cargo.toml says aspm-lsp {wanted}, the program says {said}: build it anew")


def date_time():
    """The same in every build: SOURCE_DATE_EPOCH if there is one, else the first day a zip file can name."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return time.gmtime(max(int(epoch), 315532800))[:6] if epoch else (1980, 1, 1, 0, 0, 0)


if __name__ == "__main__":
    main()
