#!/usr/bin/env bash
# What a person sees in Neovim: keys in, text of the terminal out. The screens are kept in the rig's pictures folder.
#   ASPM_LSP_SERVER=/abs/aspm-lsp tests/editors/neovim/screen.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rig=${ASPM_TEST_RIG:-$HOME/.cache/aspm-test-rig}
: "${ASPM_LSP_SERVER:?set it to the absolute path of aspm-lsp}"

base=$(mktemp -d)
pictures=$rig/pictures/neovim
terminal="tmux -L aspm-$$ -f /dev/null -u"
passed=0
trap '$terminal kill-server 2>/dev/null || true; rm -rf "$base"' EXIT
rm -rf "$pictures"
mkdir -p "$pictures" "$base/bin" "$base/config/nvim"
ln -s "$ASPM_LSP_SERVER" "$base/bin/aspm-lsp"
"$here/../workspace.sh" "$base/shop"
cat >"$base/config/nvim/init.lua" <<LUA
vim.opt.runtimepath:prepend('$here/../../../editors/neovim')
vim.diagnostic.config({ virtual_text = true, severity_sort = true })
vim.lsp.enable('aspm')
LUA

# sees NAME TEXT: waits until the screen shows TEXT and keeps it as NAME.
sees() {
  for _ in $(seq 300); do
    $terminal capture-pane -p >"$pictures/$1.txt"
    if grep -qF -- "$2" "$pictures/$1.txt"; then
      echo "ok - the screen shows $1"
      passed=$((passed + 1))
      return
    fi
    sleep 0.1
  done
  echo "not ok - the screen shows $1: no “$2” in"
  cat "$pictures/$1.txt"
  echo "$passed passed, 1 failed"
  exit 1
}

export LC_ALL=C.UTF-8 XDG_CONFIG_HOME="$base/config" XDG_DATA_HOME="$base/data" XDG_STATE_HOME="$base/state"
export XDG_CACHE_HOME="$base/cache" PATH="$base/bin:$rig/bin:$PATH"
cd "$base/shop"
$terminal new-session -d -x 110 -y 30 "nvim app.py"
sees "the finding behind its line" 'shell=True)  '
$terminal send-keys 12G0fsK
sees "the explanation" "Pass the arguments"
$terminal send-keys l gra
sees "the list of actions" 'Code actions'
$terminal send-keys q Enter
echo "$passed passed, 0 failed"
