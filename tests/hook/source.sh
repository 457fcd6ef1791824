#!/usr/bin/env bash
# The hook that is compiled from source, for real: `cargo install` by prek or pre-commit out of the committed state of
# this checkout, then a commit that it has to block. Takes minutes and the network; ./test leaves it out.
#   tests/install/hooks.sh && tests/hook/source.sh [prek|pre-commit]
# CARGO_TARGET_DIR may name a warm folder; prek builds with the versions of Cargo.lock, pre-commit with the newest ones.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
tool=${1:-prek}
rig=${ASPM_TEST_RIG:-$HOME/.cache/aspm-test-rig}
[ -f "$rig/hooks/installed" ] || { echo "source.sh: no rig at $rig/hooks; run tests/install/hooks.sh" >&2; exit 2; }

export CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home"
export PATH="$rig/hooks/bin:$PATH" HOME=$work/home PRE_COMMIT_HOME=$work/pre-commit PREK_HOME=$work/prek
export XDG_CONFIG_HOME=$work/config XDG_CACHE_HOME=$work/cache ASPM_CACHE_DIR=$work/aspm
git config --global user.name Tester
git config --global user.email tester@example.invalid
git config --global init.defaultBranch main

git clone --quiet --no-hardlinks "$root" "$work/hooks"
git -C "$work/hooks" tag --force v0.0.0-test >/dev/null
export PYTHONDONTWRITEBYTECODE=1
PYTHONPATH=$root/tests/hook "$rig/hooks/bin/python" - "$work" "$tool" <<'PY'
import os
import sys
from pathlib import Path

from repository import BAD, CALL, SAFE, Repository

work, tool = Path(sys.argv[1]), sys.argv[2]
(work / "shop").mkdir()
shop = Repository(work / "shop", dict(os.environ))
shop.git("init", "--quiet")
shop.ignore("/.aspm/scan.sarif")
shop.add("app.py", SAFE)
entry = f"repos:\n- repo: {work}/hooks\n  rev: v0.0.0-test\n  hooks:\n  - id: aspm-src\n"
shop.add(".pre-commit-config.yaml", entry)
shop.commit("Base")
shop.git("switch", "--quiet", "--create", "feature")
print(shop.run(tool, "install", "--install-hooks" if tool == "pre-commit" else "--prepare-hooks", limit=7200), flush=True)
shop.scan(("app.py", BAD, CALL))
shop.add("app.py", BAD)
answer = shop.run("git", "commit", "--message", "Change")
print(answer)
sys.exit(0 if answer.code and answer.says("[introduced-high-risk]") else "source.sh: it was not blocked")
PY
echo "1 passed, 0 failed"
