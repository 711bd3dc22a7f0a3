#!/usr/bin/env bash
# How time and memory grow with the number of exports. Needs Python and GNU time; writes up to 3 GB for 100,000 exports, and removes them.
#
#     tests/scale/measure.sh PROGRAM CORPUS [NUMBER...]
set -euo pipefail
program="$(realpath "$1")"
corpus="$(realpath "$2")"
shift 2
[[ $# -gt 0 ]] || set -- 1000 10000 100000
here="$(cd "$(dirname "$0")" && pwd)"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

for number in "$@"; do
    python3 "$here/organisation.py" "$corpus" "$scratch/organisation" "$number"
    for format in text json; do
        code=0
        (cd "$scratch/organisation" && /usr/bin/time --output "$scratch/time" --format '%e %U %S %M' \
            "$program" check . --profile recommended --quiet --output "$format=$scratch/report" > "$scratch/log") || code=$?
        [[ "$code" -eq 1 || "$code" -eq 3 ]] || { echo "exit code $code"; exit 1; }
        files="$(find "$scratch/organisation" -type f | wc -l)"
        tail -n 1 "$scratch/time" | awk -v number="$number" -v format="$format" -v files="$files" -v findings="$(head -n 1 "$scratch/log" | cut -d ' ' -f 1)" \
            '{ printf "%d exports, %s: %.1f s (%.1f s of processors), %d files a second, %.0f MB at most, %s findings\n", number, format, $1, $2 + $3, files / $1, $4 / 1024, findings }'
    done
    rm -r "$scratch/organisation"
done
