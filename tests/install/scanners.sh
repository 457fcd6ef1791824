#!/usr/bin/env bash
# The tools whose suppression comments are written, to try the comments on: "$rig/scanners/bin", and ESLint and Biome in
# "$rig/scanners/node/node_modules/.bin". Each in its own environment where they would quarrel about what they need.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rig=${ASPM_TEST_RIG:-$HOME/.cache/aspm-test-rig}
scanners=$rig/scanners
python="bandit==1.9.4 ruff==0.17.6 flake8==7.5.0 pylint==4.1.4 detect-secrets==1.5.0 semgrep==1.172.0 njsscan==1.0.2 zizmor==1.32.0"
checkov=checkov==3.3.30
node="eslint@10.15.0 @biomejs/biome@2.6.8"
wanted="$python $checkov $node"

if [ "$(cat "$scanners/installed" 2>/dev/null)" = "$wanted" ]; then
  exit 0
fi

"$here/apt.sh" python3 python3-venv shellcheck cppcheck
"$here/node.sh"
PATH=$rig/bin:$PATH
rm -rf "$scanners"
mkdir -p "$scanners/bin" "$scanners/node"
# Words are meant to be split here.
# shellcheck disable=SC2086
for packages in "$python" "$checkov"; do
  name=${packages%%==*}
  python3 -m venv "$scanners/$name"
  "$scanners/$name/bin/pip" --quiet --disable-pip-version-check install $packages
  for package in $packages; do
    ln -s "../$name/bin/${package%%==*}" "$scanners/bin/${package%%==*}"
  done
done
# shellcheck disable=SC2086
(cd "$scanners/node" && npm init --yes >/dev/null && npm install --no-audit --no-fund --silent $node)
# Last, so that an interrupted installation starts over.
echo "$wanted" >"$scanners/installed"
echo "scanners.sh: $wanted"
