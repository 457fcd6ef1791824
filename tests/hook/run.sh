#!/usr/bin/env bash
# The hook under the real pre-commit and the real prek, and the wheel that carries the program.
#   tests/install/hooks.sh && ASPM_LSP_BIN=$PWD/target/release/aspm-lsp tests/hook/run.sh [WORD…]
# What is missing is a failure, never a skip. The last line adds up: `N passed, N failed`.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rig=${ASPM_TEST_RIG:-$HOME/.cache/aspm-test-rig}
export ASPM_LSP_BIN=${ASPM_LSP_BIN:-$here/../../target/release/aspm-lsp}
[ -x "$ASPM_LSP_BIN" ] || { echo "run.sh: no program at $ASPM_LSP_BIN; build it, or set ASPM_LSP_BIN" >&2; exit 2; }
[ -f "$rig/hooks/installed" ] || { echo "run.sh: no rig at $rig/hooks; run tests/install/hooks.sh" >&2; exit 2; }
export PYTHONDONTWRITEBYTECODE=1
exec "$rig/hooks/bin/python" "$here/run.py" "$@"
