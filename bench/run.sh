#!/usr/bin/env bash
# Installs the peers' Debian packages (as root or with sudo), builds, measures. A whole run writes its figures into docs/performance.md;
# a part of it or the short form only shows them. --help tells of the arguments.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v dotnet >/dev/null || { echo "bench: the .NET SDK 10 is needed (https://dotnet.microsoft.com/download)" >&2; exit 1; }
missing=()
dpkg-query -W -f='${Status}' postfix 2>/dev/null | grep -q 'install ok installed' || missing+=(postfix)
dpkg-query -W -f='${Status}' libsasl2-modules 2>/dev/null | grep -q 'install ok installed' || missing+=(libsasl2-modules)
command -v node >/dev/null || missing+=(nodejs)
command -v npm >/dev/null || missing+=(npm)
if [ ${#missing[@]} -gt 0 ]; then
  root=(); [ "$(id -u)" -eq 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq &&
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    echo "bench: could not install ${missing[*]}: what needs them is reported as not measured" >&2
fi

dotnet build bench/Postrider.Bench -c Release --nologo -v quiet "-clp:ErrorsOnly;NoSummary"
report=(--report docs/performance.md)
[ $# -eq 0 ] || report=()
exec artifacts/bin/Postrider.Bench/release/Postrider.Bench "$@" "${report[@]}"
