#!/usr/bin/env bash
# Builds wheel and npm packages from a program that is already built, installs them as users do, and lets them judge.
#
#     packages/try.sh PROGRAM
set -euo pipefail
program="$(realpath "$1")"
cd "$(dirname "$0")/.."
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
version="$("$program" --version | cut -d ' ' -f 2)"

blocks() {
    code=0
    "$@" check fixtures/n8n --quiet || code=$?
    [[ "$code" -eq 1 ]] || { echo "$1 ends with $code instead of 1"; exit 1; }
}

echo "== wheel"
python3 -m venv "$scratch/build"
"$scratch/build/bin/pip" install --quiet --disable-pip-version-check 'maturin>=1.9,<2'
"$scratch/build/bin/maturin" build --quiet --locked --out "$scratch/wheels"
python3 -m venv "$scratch/user"
"$scratch/user/bin/pip" install --quiet --disable-pip-version-check --no-index "$scratch"/wheels/flowgate-*.whl
[[ "$("$scratch/user/bin/flowgate" --version)" == "flowgate $version" ]]
blocks "$scratch/user/bin/flowgate"

echo "== npm"
case "$(uname -m)" in
    x86_64) target=x86_64-unknown-linux-musl ;;
    *) target=aarch64-unknown-linux-musl ;;
esac
node packages/npm/build.mjs "$scratch/npm" "$version" "$target=$program"
mkdir "$scratch/project"
(cd "$scratch/npm" && npm pack --silent ./flowgate ./flowgate-linux-* > /dev/null)
(cd "$scratch/project" && npm init --yes > /dev/null && npm install --silent --no-audit --no-fund --offline "$scratch"/npm/*.tgz)
[[ "$("$scratch/project/node_modules/.bin/flowgate" --version)" == "flowgate $version" ]]
blocks "$scratch/project/node_modules/.bin/flowgate"
echo "both packages work"
