#!/usr/bin/env bash
# Installs the named Debian packages that are missing; does nothing, and needs no rights, when all are there.
set -euo pipefail

if ! command -v dpkg-query >/dev/null; then
  echo "apt.sh: not a Debian system; make sure you have the equivalent of: $*" >&2
  exit 0
fi

missing=()
for package in "$@"; do
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "apt.sh: run as root, or install sudo, to get: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi

echo "apt.sh: installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
