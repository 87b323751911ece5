#!/usr/bin/env bash
# Installs what the tests need (Debian packages, as root or with sudo), builds, and runs every test.
# ./test.sh NAME … runs only the named test projects, such as ./test.sh Tests Architecture.
set -uo pipefail
cd "$(dirname "$0")"

# Foreign counterparts of the end-to-end tests, each in the package that brings it.
packages=(chromium-headless-shell curl dovecot-core dovecot-imapd dovecot-submissiond jq libfaketime libgnutls-dane0 libidn12 libnet-ssleay-perl msmtp openssl postfix postgresql shellcheck strace swaks)
projects=(Architecture Tests EndToEnd Browser)
[ $# -gt 0 ] && projects=("$@")

part() { printf '\n== %s\n' "$1"; began=$SECONDS; }
took() { printf -- '-- %s: %d s\n' "$1" $((SECONDS - began)); }

# Most gateways of the tests live for seconds: compiling again what they run often costs a fifth of the processor time and pays for none.
export DOTNET_TC_CallCountingDelayMs=3000

command -v dotnet >/dev/null || { echo "test.sh: the .NET SDK 10 is needed (https://dotnet.microsoft.com/download)" >&2; exit 1; }

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  part "install ${missing[*]}"
  root=(); [ "$(id -u)" -eq 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq &&
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || {
    echo "test.sh: could not install ${missing[*]}; install them by hand: apt-get install ${missing[*]}" >&2; exit 1; }
  took install
fi

part build
dotnet build Postrider.slnx -c Release --nologo -v quiet "-clp:ErrorsOnly;NoSummary" -p:UseSharedCompilation=true || { echo "test.sh: the build failed" >&2; exit 1; }
took build

passed=0; failed=0; broken=0; names=
for project in "${projects[@]}"; do
  part "$project"
  log=$(mktemp)
  "artifacts/bin/Postrider.$project/release/Postrider.$project" --progress off --ansi off 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  count() { sed -n "s/^ *$1: \([0-9]*\).*/\1/p" "$log" | tail -n 1; }
  p=$(count succeeded); f=$(count failed); s=$(count skipped)
  passed=$((passed + ${p:-0})); failed=$((failed + ${f:-0} + ${s:-0}))
  # A test that was skipped has not passed; a run that ended without a count is a failure of its own.
  if [ "$status" -ne 0 ] && [ "${f:-0}" -eq 0 ]; then broken=$((broken + 1)); fi
  names+=$(grep '^failed ' "$log" | sed 's/^/\n/'); rm -f "$log"
  took "$project"
done
failed=$((failed + broken))
[ -z "$names" ] || printf '%s\n' "$names"
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
