"""A throw-away git repository, a private home for everything that runs in it, and the logs a scanner would leave there."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

SAFE = 'import subprocess\n\n\ndef greet(name):\n    return "hello " + name\n'
CALL = 'subprocess.call("tar cf " + path, shell=True)'
BAD = SAFE + f"\n\ndef archive(path):\n    return {CALL}\n"
FIXED = BAD.replace(CALL, 'subprocess.call(["tar", "cf", path])')


class Home:
    """Folders and an environment that share nothing with the user's own."""

    def __init__(self, path_first=()):
        self.folder = Path(tempfile.mkdtemp(prefix="aspm-hook-"))
        keep = ("LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "TMPDIR")
        self.env = {name: os.environ[name] for name in keep if name in os.environ}
        folders = [*map(str, path_first), "/usr/local/bin", "/usr/bin", "/bin"]
        self.env |= {
            "PATH": os.pathsep.join(folders),
            "HOME": str(self.folder / "home"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_DATA_HOME": str(self.folder / "data"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "ASPM_CACHE_DIR": str(self.folder / "aspm"),
            "PRE_COMMIT_HOME": str(self.folder / "pre-commit"),
            "PREK_HOME": str(self.folder / "prek"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C.UTF-8",
            "COLUMNS": "80",
            "TERM": "dumb",
        }
        (self.folder / "home").mkdir()
        settings = {
            "user.name": "Tester",
            "user.email": "tester@example.invalid",
            "commit.gpgsign": "false",
            "init.defaultBranch": "main",
            "advice.detachedHead": "false",
            "protocol.file.allow": "always",  # submodules of a neighbouring folder
        }
        for name, value in settings.items():
            subprocess.run(["git", "config", "--global", name, value], env=self.env, check=True)

    def repository(self, name="shop"):
        """A new, empty repository."""
        path = Path(tempfile.mkdtemp(dir=self.folder)) / name
        path.mkdir()
        made = Repository(path, dict(self.env))
        made.git("init", "--quiet")
        return made

    def remove(self):
        """Leaves nothing."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Answer:
    """What a command said, and how it ended."""

    def __init__(self, command, code, text):
        self.command, self.code, self.text = command, code, text

    def __str__(self):
        return f"$ {' '.join(map(str, self.command))}\n{self.text}[exit {self.code}]"

    def says(self, words):
        """Whether `words` are on the screen, wherever its lines are broken."""
        return " ".join(words.split()) in " ".join(self.text.split())


class Repository:
    """A repository and what people do in it."""

    def __init__(self, path, env):
        self.path, self.env = path, env

    def run(self, *command, cwd=None, limit=600, **env):
        """Runs a command at the root, or in a folder below it, for `limit` seconds; its screen is one stream, as people
        see it."""
        done = subprocess.run(
            command,
            cwd=self.path / (cwd or ""),
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=limit,
            check=False,
        )
        return Answer(command, done.returncode, done.stdout.decode("utf-8", "replace"))

    def git(self, *args, **more):
        """A git command that has to succeed; what it printed."""
        answer = self.run("git", *args, **more)
        if answer.code != 0:
            raise AssertionError(str(answer))
        return answer.text.strip()

    def write(self, path, text):
        """Writes a file on disk, folders included."""
        (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        (self.path / path).write_text(text, "utf-8")

    def read(self, path):
        """A file on disk."""
        return (self.path / path).read_text("utf-8")

    def add(self, path, text):
        """Writes and stages a file."""
        self.write(path, text)
        self.git("add", "--", path)

    def commit(self, message="More", *args):
        """Commits without asking any hook: the state a test starts from."""
        self.git("commit", "--quiet", "--no-verify", "--allow-empty", "--message", message, *args)
        return self.git("rev-parse", "HEAD")

    def ignore(self, pattern):
        """Keeps files out of git without a file of the repository."""
        with (self.path / ".git/info/exclude").open("a", encoding="utf-8") as file:
            file.write(f"{pattern}\n")

    def scan(self, *results, commit=None, to=".aspm/scan.sarif"):
        """Leaves a scanner's log. `results` are (path, text, needle) or `finding(…)`."""
        results = [one if isinstance(one, dict) else finding(*one) for one in results]
        self.write(to, json.dumps(log(results, commit)))


def finding(path, text=BAD, needle=CALL, severity="error"):
    """A result about `needle` in `text`, the file at `path` when it was scanned."""
    start = text.index(needle)
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    region = {
        "startLine": line,
        "startColumn": column,
        "endLine": line,
        "endColumn": column + len(needle),
        "snippet": {"text": needle},
    }
    address = "/".join(quote(part) for part in path.split("/"))
    place = {"artifactLocation": {"uri": address}, "region": region}
    return {
        "ruleId": "B602",
        "level": severity,
        "message": {"text": "subprocess call with shell=True identified, security issue."},
        "locations": [{"physicalLocation": place}],
    }


def log(results, commit):
    """A log of one run of Bandit."""
    rule = {
        "id": "B602",
        "name": "subprocess_popen_with_shell_equals_true",
        "shortDescription": {"text": "A shell runs a command built from input"},
        "help": {"text": "Pass the arguments as a list and leave out shell=True."},
        "properties": {"tags": ["security", "external/cwe/cwe-78"], "security-severity": "8.1"},
    }
    run = {
        "tool": {"driver": {"name": "Bandit", "version": "1.7.9", "rules": [rule]}},
        "columnKind": "utf16CodeUnits",
        "results": results,
    }
    if commit:
        run["versionControlProvenance"] = [{"repositoryUri": "https://git.example/shop", "revisionId": commit}]
    return {"version": "2.1.0", "runs": [run]}
