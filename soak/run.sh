#!/usr/bin/env bash
# Builds, lets faults happen for minutes, and writes what came of it into docs/reliability.md. Arguments: --minutes N (for each scenario),
# --seed N, --clock N (times as fast as the machine's, with all that goes by it), --previous EXECUTABLE (of an older version, for the upgrade), names of scenarios. ./test.sh installs what it needs.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build soak/Postrider.Soak -c Release --nologo -v quiet "-clp:ErrorsOnly;NoSummary"
exec artifacts/bin/Postrider.Soak/release/Postrider.Soak "$@" --report docs/reliability.md
