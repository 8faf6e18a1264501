#!/usr/bin/env bash
# The outside judges that need Node, kept in .judge/ and never in the product: Lighthouse,
# html-validate, Mozilla's header observatory. What they must say stands in tools/judges/judge.py.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

for name in node npm; do
    if ! command -v "$name" >/dev/null; then
        echo "make judge needs $name (Node 20 or newer)" >&2
        exit 1
    fi
done
mkdir -p .judge
if ! cmp --silent tools/judges/package.json .judge/package.json; then
    echo "installing the judges into .judge"
    cp tools/judges/package.json .judge/package.new
    (
        cd .judge
        mv package.new package.json
        npm install --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error ||
            { rm package.json; exit 1; }
        # Its own download of the list of preloaded sites is of no use to a host on this machine.
        echo '{}' >node_modules/@mdn/mdn-http-observatory/conf/hsts-preload.json
    )
fi
exec .venv/bin/python -m tools.judges.judge
