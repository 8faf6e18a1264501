#!/usr/bin/env bash
# A Chromium for the tests: the machine's own, else Debian's package, else Playwright's download.
# The session bus it shows notifications on comes along, and Chromium's headless shell where there
# is a package of it: what needs no push is looked at in it, for half the work.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

browser() {
    command -v chromium || command -v chromium-browser || command -v google-chrome ||
        .venv/bin/python -c '
import pathlib, playwright.sync_api as api
with api.sync_playwright() as playwright:
    print(pathlib.Path(playwright.chromium.executable_path).resolve(strict=True))' 2>/dev/null
}

shell() {
    command -v chromium-headless-shell >/dev/null && return
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 0
    DEBIAN_FRONTEND=noninteractive timeout 120 apt-get install --yes --no-install-recommends \
        --no-upgrade chromium-headless-shell >/dev/null 2>&1 || true
}

if browser >/dev/null && command -v dbus-daemon >/dev/null; then
    shell
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing chromium and dbus"
    export DEBIAN_FRONTEND=noninteractive
    log=$(mktemp)
    if apt-get update >"$log" 2>&1 && apt-get install --yes --no-install-recommends \
        chromium dbus fonts-liberation fonts-dejavu-core >>"$log" 2>&1; then
        rm "$log"
        shell
        exit 0
    fi
    cat "$log" >&2
    rm "$log"
fi
browser >/dev/null || .venv/bin/python -m playwright install chromium
