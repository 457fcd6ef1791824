#!/usr/bin/env bash
# The tests in real editors, all or (by name) some of: check units neovim screen vscode missing.
#   tests/install/all.sh && ASPM_LSP_SERVER=$PWD/target/release/aspm-lsp tests/editors/run.sh
# What is missing is a failure, never a skip. The last line adds up: `N passed, N failed`.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rig=${ASPM_TEST_RIG:-$HOME/.cache/aspm-test-rig}
export PATH="$rig/bin:$PATH"
export ASPM_LSP_SERVER=${ASPM_LSP_SERVER:-$here/../../target/release/aspm-lsp}
[ -x "$ASPM_LSP_SERVER" ] || { echo "run.sh: no server at $ASPM_LSP_SERVER; build it, or set ASPM_LSP_SERVER" >&2; exit 2; }
ASPM_LSP_SERVER=$(realpath "$ASPM_LSP_SERVER")

check() { (cd "$here/../../editors/vscode" && npm run --silent check && echo "1 passed, 0 failed"); }
units() { (cd "$here/vscode" && node --test-reporter=./reporter.mjs units.test.mjs); }
neovim() { nvim --clean -l "$here/neovim/run.lua"; }
screen() { "$here/neovim/screen.sh"; }
vscode() { (cd "$here/vscode" && node --test-reporter=./reporter.mjs editor.test.mjs); }
missing() { (cd "$here/vscode" && node --test-reporter=./reporter.mjs missing.test.mjs); }

passed=0
failed=0
[ $# -gt 0 ] || set -- check units neovim screen vscode missing
for suite in "$@"; do
  echo "== $suite"
  output=$(mktemp)
  "$suite" 2>&1 | tee "$output"
  code=${PIPESTATUS[0]}
  if [[ $(tail -n 1 "$output") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
  fi
  # A suite that died, or that ran nothing, has failed whatever it counted.
  if [ "${BASH_REMATCH[2]:-0}" -eq 0 ] && { [ "$code" -ne 0 ] || [ "${BASH_REMATCH[1]:-0}" -eq 0 ]; }; then
    echo "not ok - $suite ended with code $code"
    failed=$((failed + 1))
  fi
  rm -f "$output"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
