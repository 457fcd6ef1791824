"""Makes the benchmark's workspaces: real results of the demo's logs, multiplied onto generated files."""

import copy
import json
import pathlib
import subprocess

ASSETS = pathlib.Path(__file__).resolve().parents[2] / "server/src/cli/demo/assets/scans"

CALLS = [
    "digest = hashlib.md5(payload_{n}).hexdigest()",
    "result = eval(expression_{n})",
    "subprocess.call(command_{n}, shell=True)",
    "data = yaml.load(stream_{n})",
    "token = random.randint(0, {n})",
    "reply = requests.get(address_{n}, verify=False)",
]


def python_file(lines, findings, seed=0):
    """A file of `lines` lines; gives its text and the lines (from 1) and texts of its flagged calls."""
    text, flagged = ["import hashlib, os, random, subprocess", "import requests, yaml", ""], []
    step = max(6, lines // max(1, findings))
    n = 0
    while len(text) < lines:
        n += 1
        text.append(f"def handle_{seed}_{n}(payload_{n}, command_{n}, stream_{n}, expression_{n}, address_{n}):")
        body = [f"    value_{n}_{k} = compute(payload_{n}, {k}) + {n * k}" for k in range(step - 3)]
        if len(flagged) < findings:
            call = CALLS[n % len(CALLS)].format(n=n)
            body[len(body) // 2] = "    " + call
            flagged.append((len(text) + 1 + len(body) // 2, call))
        text += [*body, f"    return value_{n}_0", ""]
    return "\n".join(text[:lines]) + "\n", [f for f in flagged if f[0] <= lines]


def results(path, flagged, templates):
    out = []
    for k, (line, call) in enumerate(flagged):
        result = copy.deepcopy(templates[k % len(templates)])
        place = result["locations"][0]["physicalLocation"]
        place["artifactLocation"] = {"uri": path}
        place["region"] = {"startLine": line, "startColumn": 5, "endLine": line, "endColumn": 5 + len(call)}
        place["region"]["snippet"] = {"text": "    " + call + "\n"}
        place.pop("contextRegion", None)
        for key in ("fingerprints", "partialFingerprints", "guid", "codeFlows", "fixes", "relatedLocations", "suppressions"):
            result.pop(key, None)
        out.append(result)
    return out


def git(root, *args):
    env = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    who = ["-c", "user.name=Bench", "-c", "user.email=bench@example.com"]
    done = subprocess.run(["git", "-C", str(root), *who, *args], env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def make(root, files):
    """`files`: path → (lines, findings). Commits them, writes the log; gives path → text."""
    root.mkdir(parents=True)
    log = json.loads((ASSETS / "bandit.sarif").read_text())
    run = log["runs"][0]
    templates = [r for r in run["results"] if r["ruleId"]]
    run["results"], texts = [], {}
    for seed, (path, (lines, findings)) in enumerate(sorted(files.items())):
        text, flagged = python_file(lines, findings, seed)
        texts[path] = text
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
        run["results"] += results(path, flagged, templates)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "scanned")
    run["versionControlProvenance"] = [
        {"repositoryUri": "https://example.com/bench", "revisionId": git(root, "rev-parse", "HEAD"), "branch": "main"}
    ]
    (root / ".aspm").mkdir()
    (root / ".aspm/bench.sarif").write_text(json.dumps(log))
    return texts, len(run["results"])
