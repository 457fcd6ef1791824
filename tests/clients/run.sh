#!/usr/bin/env bash
# The server under clients that are not ours, all or (by name) some of: profiles emacs vim.
#   tests/install/clients.sh && ASPM_LSP_SERVER=$PWD/target/release/aspm-lsp tests/clients/run.sh
# What is missing is a failure, never a skip. The last line adds up: `N passed, N failed`.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
rig=${ASPM_TEST_RIG:-$HOME/.cache/aspm-test-rig}
export ASPM_LSP_SERVER=${ASPM_LSP_SERVER:-$here/../../target/release/aspm-lsp}
[ -x "$ASPM_LSP_SERVER" ] || { echo "run.sh: no server at $ASPM_LSP_SERVER; build it, or set ASPM_LSP_SERVER" >&2; exit 2; }
ASPM_LSP_SERVER=$(realpath "$ASPM_LSP_SERVER")
base=$(mktemp -d)
trap 'rm -rf "$base"' EXIT

# A shop and folders of its own for one client: `apart NAME COMMAND…`.
apart() {
  local own=$base/$1
  shift
  mkdir -p "$own/home"
  python3 -B "$here/shop.py" "$own/shop" || return 1
  env HOME="$own/home" XDG_CONFIG_HOME="$own/config" XDG_CACHE_HOME="$own/xdg-cache" XDG_DATA_HOME="$own/xdg-data" \
    ASPM_CACHE_DIR="$own/cache" ASPM_DATA_DIR="$own/data" SHOP="$own/shop" REPORT="$own/report" "$@"
}

profiles() {
  local pytest=("$rig/clients/bin/python" -B -m pytest -q -p no:cacheprovider --basetemp "$base/profiles" "$here")
  "${pytest[@]}" >"$base/pytest" 2>&1
  local code=$?
  [ "$code" -eq 0 ] || cat "$base/pytest"
  local last passed failed
  last=$(tail -n 1 "$base/pytest")
  passed=$(grep -oE '[0-9]+ passed' <<<"$last" | cut -d ' ' -f 1)
  failed=$(grep -oE '[0-9]+ (failed|error)' <<<"$last" | awk '{ sum += $1 } END { print sum + 0 }')
  echo "${passed:-0} passed, ${failed:-0} failed"
  return "$code"
}
emacs_eglot() { apart emacs timeout 300 emacs -q --batch -l "$here/eglot.el"; }
vim_ale() {
  apart vim timeout 300 vim -Nu "$here/ale.vim" -es </dev/null
  local code=$?
  cat "$base/vim/report"
  return "$code"
}

passed=0
failed=0
[ $# -gt 0 ] || set -- profiles emacs vim
for suite in "$@"; do
  echo "== $suite"
  output=$(mktemp -p "$base")
  case $suite in
    profiles) profiles ;;
    emacs) emacs_eglot ;;
    vim) vim_ale ;;
    *) echo "run.sh: no suite $suite" >&2; false ;;
  esac >"$output" 2>&1
  code=$?
  cat "$output"
  BASH_REMATCH=()
  if [[ $(tail -n 1 "$output") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
  fi
  # A suite that died, or that ran nothing, has failed whatever it counted.
  if [ "${BASH_REMATCH[2]:-0}" -eq 0 ] && { [ "$code" -ne 0 ] || [ "${BASH_REMATCH[1]:-0}" -eq 0 ]; }; then
    echo "not ok - $suite ended with code $code"
    failed=$((failed + 1))
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
