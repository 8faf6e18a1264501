#!/usr/bin/env bash
# RabbitMQ for the tests, from Debian's package; the tests start it themselves, on ports of
# their own. Only root can install it: elsewhere the tests that need it say that they skip.
set -euo pipefail

if [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || command -v rabbitmq-server >/dev/null; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "RabbitMQ is not installed, and only root can install it here" >&2
    exit 0
fi
echo "installing rabbitmq-server"
log=$(mktemp)
policy=/usr/sbin/policy-rc.d
trap 'rm -f "$log"' EXIT
if [ ! -e "$policy" ]; then
    # The package would start a server of its own; what runs here is the tests' business.
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    trap 'rm -f "$log" "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update && apt-get install --yes --no-install-recommends rabbitmq-server; } \
    >"$log" 2>&1; then
    cat "$log" >&2
    exit 1
fi
