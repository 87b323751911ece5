#!/usr/bin/env bash
# Unpacks Debian's Exim beside Postfix, whose package excludes it, and makes its user. Prints where the program is.
# Usage: tests/exim.sh DIRECTORY (as root; what is there already stays)
set -euo pipefail
directory=$1
binary=$directory/root/usr/sbin/exim4
if [ ! -x "$binary" ]; then
  mkdir -p "$directory"
  (cd "$directory" && apt-get download -q -o APT::Sandbox::User=root exim4-daemon-light && dpkg -x exim4-daemon-light_*.deb root && rm exim4-daemon-light_*.deb) >&2
fi
getent passwd Debian-exim >/dev/null || useradd --system --no-create-home --badname --shell /usr/sbin/nologin Debian-exim
echo "$binary"
