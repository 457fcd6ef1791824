#!/usr/bin/env bash
# Clients other than our own editors: pytest-lsp with its capability profiles of real clients, as "$rig/clients"; Emacs
# with eglot; Vim with ALE.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rig=${ASPM_TEST_RIG:-$HOME/.cache/aspm-test-rig}
clients=$rig/clients
pytest=9.0.2
pytest_lsp=1.0.1
pytest_asyncio=1.3.0
pygls=2.1.1
lsprotocol=2025.0.0
wanted="$pytest $pytest_lsp $pytest_asyncio $pygls $lsprotocol"

"$here/apt.sh" git python3 python3-venv emacs-nox elpa-eglot vim-nox vim-ale
if [ "$(cat "$clients/installed" 2>/dev/null)" = "$wanted" ]; then
  exit 0
fi

mkdir -p "$rig"
rm -rf "$clients"
python3 -m venv "$clients"
"$clients/bin/pip" install --quiet --disable-pip-version-check \
  "pytest==$pytest" "pytest-lsp==$pytest_lsp" "pytest-asyncio==$pytest_asyncio" "pygls==$pygls" "lsprotocol==$lsprotocol"
# Last, so that an interrupted installation starts over.
echo "$wanted" >"$clients/installed"
echo "clients.sh: pytest-lsp $pytest_lsp in $clients"
