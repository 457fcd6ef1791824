#!/usr/bin/env bash
# What the hook tests run: the real pre-commit and the real prek, uv (which prek installs with), twine (which checks our
# wheel), as "$rig/hooks"; and the one wheel that an environment of pre-commit needs while no index can be reached.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rig=${ASPM_TEST_RIG:-$HOME/.cache/aspm-test-rig}
hooks=$rig/hooks
pre_commit=4.7.0
prek=0.5.11
uv=0.13.9
twine=7.0.0
setuptools=80.9.0
wanted="$pre_commit $prek $uv $twine $setuptools"

if [ "$(cat "$hooks/installed" 2>/dev/null)" = "$wanted" ]; then
  exit 0
fi

"$here/apt.sh" git python3 python3-venv
mkdir -p "$rig"
rm -rf "$hooks"
python3 -m venv "$hooks"
pip=("$hooks/bin/pip" --quiet --disable-pip-version-check)
"${pip[@]}" install "pre-commit==$pre_commit" "prek==$prek" "uv==$uv" "twine==$twine"
"${pip[@]}" download --no-deps --dest "$hooks/wheels" "setuptools==$setuptools"
# Last, so that an interrupted installation starts over.
echo "$wanted" >"$hooks/installed"
echo "hooks.sh: pre-commit $pre_commit and prek $prek in $hooks"
