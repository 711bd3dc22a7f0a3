#!/usr/bin/env bash
# Judges, and says what came out in the ways of GitHub Actions. Always ends well: the last step of the action ends with the exit code,
# so that reports are handed over before.
set -euo pipefail
program="${FLOWGATE_PROGRAM:?}"
scratch="${RUNNER_TEMP:?}/flowgate"
mkdir -p "$scratch"

# Lists are one entry a line; nothing in them is ever taken for shell.
lines() { while IFS= read -r line; do line="${line#"${line%%[![:space:]]*}"}"; line="${line%"${line##*[![:space:]]}"}"; [[ -n "$line" ]] && printf '%s\0' "$line"; done <<< "$1"; return 0; }
arguments=(check --profile "$FLOWGATE_PROFILE" --min-severity "$FLOWGATE_MIN_SEVERITY")
[[ -n "$FLOWGATE_FAIL_ON" ]] && arguments+=("--fail-on=$FLOWGATE_FAIL_ON")
[[ -n "$FLOWGATE_BASE" ]] && arguments+=("--base=$FLOWGATE_BASE")
[[ -n "$FLOWGATE_ENVIRONMENT" ]] && arguments+=("--environment=$FLOWGATE_ENVIRONMENT" "--actor=$FLOWGATE_ACTOR")
[[ -n "$FLOWGATE_REVIEWS" ]] && arguments+=("--reviews=$FLOWGATE_REVIEWS")
[[ -n "$FLOWGATE_EVIDENCE" ]] && arguments+=("--evidence=$FLOWGATE_EVIDENCE")
while IFS= read -r -d '' glob; do arguments+=("--exclude=$glob"); done < <(lines "$FLOWGATE_EXCLUDE")

policy="$FLOWGATE_POLICY"
if [[ -n "$FLOWGATE_POLICY_REF" ]]; then
    named="${policy:-.flowgate/policy.yaml}"
    policy="$scratch/policy.yaml"
    if ! git show "$FLOWGATE_POLICY_REF:$named" > "$policy" 2> "$scratch/git.txt"; then
        echo "::error title=Flowgate::there is no policy $named at $FLOWGATE_POLICY_REF; check out with fetch-depth 0, or fetch that commit first"
        cat "$scratch/git.txt"
        { echo "verdict=failed"; echo "exit-code=2"; } >> "$GITHUB_OUTPUT"
        exit 0
    fi
fi
[[ -n "$policy" ]] && arguments+=("--policy=$policy")

arguments+=("--output=env=$scratch/outputs.txt")
[[ -n "$FLOWGATE_REPORT" ]] && arguments+=("--output=json=$FLOWGATE_REPORT")
[[ -n "$FLOWGATE_SARIF" ]] && arguments+=("--output=sarif=$FLOWGATE_SARIF")
[[ "$FLOWGATE_SUMMARY" == true ]] && arguments+=("--output=summary=$scratch/summary.md")
[[ "$FLOWGATE_ANNOTATIONS" == true ]] && arguments+=("--output=github=$scratch/annotations.txt")
rm -f "$scratch/outputs.txt" "$scratch/summary.md" "$scratch/annotations.txt"
while IFS= read -r -d '' path; do arguments+=("$path"); done < <(printf '%s\0' --; lines "$FLOWGATE_PATHS")

# What the text report quotes from exports must not be taken for commands of the runner.
token="flowgate-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
code=0
echo "::stop-commands::$token"
"$program" "${arguments[@]}" || code=$?
echo "::$token::"

[[ -f "$scratch/annotations.txt" ]] && cat "$scratch/annotations.txt"
[[ -f "$scratch/summary.md" ]] && cat "$scratch/summary.md" >> "$GITHUB_STEP_SUMMARY"
{
    if [[ -f "$scratch/outputs.txt" ]]; then
        cat "$scratch/outputs.txt"
        [[ -n "$FLOWGATE_REPORT" ]] && echo "report-json=$FLOWGATE_REPORT"
        [[ -n "$FLOWGATE_SARIF" ]] && echo "sarif-file=$FLOWGATE_SARIF"
        [[ -n "$FLOWGATE_EVIDENCE" ]] && echo "evidence-file=$FLOWGATE_EVIDENCE"
    else
        echo "verdict=failed"
        # A program that was killed has written nothing and said no code of its own.
        echo "exit-code=$((code == 0 ? 2 : code))"
    fi
    true
} >> "$GITHUB_OUTPUT"
