#!/usr/bin/env bash
# Everything the editor tests need, into a folder outside the checkout: $ASPM_TEST_RIG, by default
# ~/.cache/aspm-test-rig. Run it again at any time; what is there stays.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
"$here/node.sh"
"$here/neovim.sh"
"$here/vscode.sh"
