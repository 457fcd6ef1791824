"""The built-in policy in two implementations of Rego: ours and rego-cpp's (PyPI `regopy`). They must agree.

    python3 tests/policy/differential.py

Makes a throw-away virtual environment for `regopy`, runs the example `policy_cases` of `aspm-policy` for inputs and our
answers, gives the inputs and the policy's text to rego-cpp, and lists every difference. Exit code 1 when there is one.
Texts that are adapted for rego-cpp 1.5.2, which differs from OPA there: it reads no time that ends in `Z` (written as
`+00:00`), and its `object.union` does not merge deeper objects (no case's settings have any).
"""

import json
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFAULT = ROOT / "server/crates/policy/default"
REGOPY = "regopy==1.5.2"

OTHER = """
import json, sys
from regopy import Interpreter
modules, cases = json.load(sys.stdin)
interpreter, loaded = None, None
for case in cases:
    if case["data"] != loaded:
        interpreter, loaded = Interpreter(), case["data"]
        for path, text in modules:
            interpreter.add_module(path, text)
        interpreter.add_data(loaded)
    interpreter.set_input(case["input"])
    try:
        said = json.loads(str(interpreter.query("x := data.aspm." + case["rule"])))
        answer = said["bindings"]["x"]
    except Exception as error:
        answer = f"{type(error).__name__}: {error}"
    print(json.dumps(answer))
"""


def ours() -> list[dict]:
    command = ["cargo", "run", "--quiet", "-p", "aspm-policy", "--example", "policy_cases"]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [json.loads(line) for line in lines]


def theirs(cases: list[dict]) -> list:
    modules = []
    for path in sorted(DEFAULT.glob("*.rego")):
        if not path.name.endswith("_test.rego") and path.name != "entry_parts.rego":
            modules.append([path.name, path.read_text().replace("T00:00:00Z", "T00:00:00+00:00")])
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin/python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", REGOPY], check=True)
        asked = [{key: case[key] for key in ("rule", "data", "input")} for case in cases]
        given = json.dumps([modules, asked])
        run = subprocess.run([python, "-c", OTHER], input=given, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def plain(answer):
    """Numbers without their form (60 and 60.0), absent and null alike, violations in any order."""
    if isinstance(answer, dict):
        fields = {key: plain(value) for key, value in answer.items() if value is not None}
        if "violations" in fields:
            fields["violations"] = sorted(fields["violations"], key=json.dumps)
        return fields
    if isinstance(answer, list):
        return [plain(item) for item in answer]
    if isinstance(answer, str):
        # rego-cpp writes 9.8 as 9.800000000000001.
        return re.sub(r"\d+\.\d{12,}", lambda found: f"{round(float(found[0]), 9):g}", answer)
    return float(answer) if isinstance(answer, int) and not isinstance(answer, bool) else answer


def main() -> int:
    cases = ours()
    answers = theirs(cases)
    if len(answers) != len(cases):
        print(f"{len(cases)} cases, {len(answers)} answers")
        return 1
    different = 0
    for number, (case, answer) in enumerate(zip(cases, answers)):
        if plain(case["answer"]) != plain(answer):
            different += 1
            if different <= 10:
                print(f"case {number} ({case['rule']}): {json.dumps(case['input'])}")
                print(f"  data:   {json.dumps(case['data'])}")
                print(f"  ours:   {json.dumps(case['answer'])}")
                print(f"  theirs: {json.dumps(answer)}")
    seen: dict[str, int] = {}
    for case in cases:
        word = case["answer"].get("action", f"gate {case['answer'].get('pass')}")
        seen[word] = seen.get(word, 0) + 1
    words = ", ".join(f"{count} {word}" for word, count in sorted(seen.items()))
    print(f"{len(cases)} cases ({words}): {different} different")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
