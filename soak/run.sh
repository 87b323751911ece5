#!/usr/bin/env bash
# Builds, lets faults happen for minutes, and writes what came of it into docs/reliability.md. --help tells of the arguments; ./test.sh installs what it needs.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build soak/Postrider.Soak -c Release --nologo -v quiet "-clp:ErrorsOnly;NoSummary"
exec artifacts/bin/Postrider.Soak/release/Postrider.Soak "$@" --report docs/reliability.md
