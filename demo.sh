#!/usr/bin/env bash
# Shows Postrider at work: builds it, starts the gateway with a pretended provider, sends a mail through every door.
# Needs the .NET SDK and nothing else. ./demo.sh --once ends when the mails are sent; Ctrl-C ends it otherwise.
set -euo pipefail
cd "$(dirname "$0")"

command -v dotnet >/dev/null || { echo "demo.sh: the .NET SDK 10 is needed (https://dotnet.microsoft.com/download)" >&2; exit 1; }
echo "Building ..."
dotnet build src/Postrider.Cli -c Release --nologo -v quiet "-clp:ErrorsOnly;NoSummary"
exec artifacts/bin/Postrider.Cli/release/postrider demo "$@"
