#!/usr/bin/env bash
# Installs what the browser tests of the view need, from Debian's or Ubuntu's own packages: a Chromium without a
# screen, and a Korean font. Does nothing where both are there already.
set -euo pipefail

wanted=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
    wanted+=(chromium)
[ -n "$(fc-list :lang=ko 2>/dev/null)" ] || wanted+=(fontconfig fonts-nanum)
if [ ${#wanted[@]} = 0 ]; then
    echo "a Chromium and a Korean font are installed"
    exit 0
fi
echo "+ apt-get install ${wanted[*]}"
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
$as_root apt-get update -q
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${wanted[@]}"
