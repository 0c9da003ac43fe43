#!/usr/bin/env bash
# Installs what the browser tests of the view need, from Debian's or Ubuntu's own packages: a Chromium without a
# screen, and a Korean font. Does nothing where both are there already.
set -euo pipefail
if command -v chromium >/dev/null && fc-list 2>/dev/null | grep -qi nanum; then
    echo "chromium and a Korean font are installed"
    exit 0
fi
echo "+ apt-get install chromium fonts-nanum"
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
$as_root apt-get update -q
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -q -y --no-install-recommends chromium fonts-nanum fontconfig
