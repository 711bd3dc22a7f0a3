#!/usr/bin/env bash
# Opens the page of a run in Chromium, uses it as people do, and holds it against the rules of axe-core. Needs Chromium, Node.js and
# the registry of npm.
#
#     tests/consumers/page.sh PROGRAM [FOLDER for screenshots]
set -euo pipefail
program="$(realpath "$1")"
shots="${2:-}"
cd "$(dirname "$0")/../.."
root="$PWD"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
browser="${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}"

(cd "$scratch" && npm init --yes > /dev/null && npm install --silent --no-audit --no-fund playwright-core@1.65.1 axe-core@4.14.1)
cp tests/consumers/page.mjs "$scratch/page.mjs"

# A repository with a policy, a manifest, a waiver and a chain of evidence, so that every part of the page has something to show.
mkdir -p "$scratch/governed"
cp -r fixtures/n8n/editor-download/*.json "$scratch/governed/"
cd "$scratch/governed"
# A run that has to block.
blocked() {
    code=0
    "$program" check "$@" --profile audit --quiet > /dev/null || code=$?
    [[ "$code" -eq 1 ]] || { echo "exit code $code instead of 1"; exit 1; }
}
"$program" policy init > /dev/null
blocked . --output json=report.json
fingerprint="$(node -p 'JSON.parse(require("fs").readFileSync("report.json")).findings[0].fingerprint')"
rm report.json
"$program" waive "$fingerprint" . --reason 'Known, and gone with the next release' --owner olga > /dev/null
blocked . --evidence-chain "$scratch/chain.jsonl"
blocked . --evidence-chain "$scratch/chain.jsonl" --output html="$scratch/governed.html"

# An export whose names try to be markup, and one with so many steps that there are more than ten thousand findings.
cd "$scratch"
node page.mjs hostile > hostile.json
node page.mjs many > many.json
blocked hostile.json --output html="$scratch/hostile.html"
blocked many.json --output html="$scratch/many.html"
blocked "$root/fixtures" --output html="$scratch/fixtures.html"

BROWSER="$browser" SHOTS="$shots" node page.mjs test governed.html hostile.html many.html fixtures.html
