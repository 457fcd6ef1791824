#!/usr/bin/env bash
# Makes the SARIF files of `aspm-lsp demo` with real scanners, from nothing.
#
#   tests/recipes/demo-scans.sh SCRATCH [--record]
#
# SCRATCH is an empty or new folder for the tools and the checkouts; a second run there reuses the
# tools. --record writes the commit ids into history.json first (needed after the assets changed).
# Needs python3 (3.9 to 3.12), node 20 or later, git, and the package registries on the first run.
set -euo pipefail

if [ $# -lt 1 ]; then
  echo "usage: $0 SCRATCH [--record]" >&2
  exit 2
fi
recipes=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
assets=$(cd "$recipes/../../server/src/cli/demo/assets" && pwd)
mkdir -p "$1"
scratch=$(cd "$1" && pwd)
record=${2:-}

# Tools, once.
if [ ! -x "$scratch/venv/bin/semgrep" ]; then
  python3 -m venv "$scratch/venv"
  "$scratch/venv/bin/pip" install --quiet --requirement "$recipes/demo-requirements.txt"
fi
if [ ! -x "$scratch/npm/node_modules/.bin/eslint" ]; then
  mkdir -p "$scratch/npm"
  echo '{ "private": true }' >"$scratch/npm/package.json"
  npm install --prefix "$scratch/npm" --silent --no-audit --no-fund --save-exact \
    eslint@9.39.5 eslint-plugin-security@4.1.0 @microsoft/eslint-formatter-sarif@3.1.0
fi
cp "$recipes/eslint-demo.config.mjs" "$scratch/npm/eslint.config.mjs"
export PATH="$scratch/venv/bin:$scratch/npm/node_modules/.bin:$PATH"

# Semgrep with our rules, offline and without anybody's settings; the rest of the command line is given.
semgrep_scan() {
  HOME="$scratch" semgrep scan --quiet --metrics=off --disable-version-check --no-rewrite-rule-ids \
    --config "$recipes/semgrep-rules" --dataflow-traces --sarif "$@"
}

# Runs the three scanners over folder $1 and leaves clean SARIF in folder $2.
scan() {
  local code=$1 out=$2
  rm -rf "$out"
  mkdir -p "$out/raw"
  # The scanners exit 1 when they find something, which is the point; 2 and above are failures.
  (cd "$code" && bandit --quiet --recursive api --skip B404 --format sarif --output "$out/raw/bandit.sarif") || [ $? -eq 1 ]
  # --autofix --dryrun puts the rules' fixes into the report and leaves the files alone.
  (cd "$code" && semgrep_scan --output "$out/raw/semgrep.sarif" --autofix --dryrun .)
  (cd "$code" && eslint --config "$scratch/npm/eslint.config.mjs" \
    --format "$scratch/npm/node_modules/@microsoft/eslint-formatter-sarif/sarif.js" \
    --output-file "$out/raw/eslint-security.sarif" .) || [ $? -eq 1 ]
  for tool in bandit semgrep eslint-security; do
    python3 "$recipes/demo_sarif.py" "$assets/history.json" "$code" "$out/raw/$tool.sarif" "$out/$tool.sarif"
  done
}

rm -rf "$scratch/scanned" "$scratch/final"
if [ "$record" = --record ]; then
  python3 "$recipes/demo_history.py" "$assets" "$scratch/final" --worktree --record
  rm -rf "$scratch/final"
fi
python3 "$recipes/demo_history.py" "$assets" "$scratch/scanned" --until-scan
python3 "$recipes/demo_history.py" "$assets" "$scratch/final" --worktree

scan "$scratch/scanned" "$scratch/out"
mkdir -p "$assets/scans"
cp "$scratch/out"/*.sarif "$assets/scans/"

# The judgement in expected.json against the scans, the texts, and a second scan of the final tree.
scan "$scratch/final" "$scratch/out-final"
rm -rf "$scratch/fixed"
cp -r "$scratch/final" "$scratch/fixed"
(cd "$scratch/fixed" && semgrep_scan --output "$scratch/out-final/raw/fixed.sarif" --autofix .)
python3 "$recipes/demo_expected.py" "$assets" "$scratch/scanned" "$scratch/final" "$scratch/out-final" "$scratch/fixed"
