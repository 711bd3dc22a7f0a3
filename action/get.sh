#!/usr/bin/env bash
# Puts the program of this version of the action on disk and says where: a released one whose digest stands in this commit, or one
# that is built from this commit. Nothing else is ever run.
set -euo pipefail
action="${FLOWGATE_ACTION_PATH:?}"
target_folder="${RUNNER_TEMP:?}/flowgate"
mkdir -p "$target_folder"

case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) target=x86_64-unknown-linux-musl ;;
    Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-musl ;;
    Darwin-x86_64) target=x86_64-apple-darwin ;;
    Darwin-arm64) target=aarch64-apple-darwin ;;
    MINGW*-x86_64 | MSYS*-x86_64 | CYGWIN*-x86_64) target=x86_64-pc-windows-msvc ;;
    *) target=unknown ;;
esac
exe=flowgate
[[ "$target" == *windows* ]] && exe=flowgate.exe

# Lines of the table: digest, version, target.
read -r digest version < <(awk -v target="$target" '!/^#/ && $3 == target { print $1, $2 }' "$action/action/checksums.txt") || true
if [[ -n "${digest:-}" ]]; then
    archive="flowgate-$version-$target.tar.gz"
    address="${FLOWGATE_SERVER:-https://github.com}/${FLOWGATE_ACTION_REPOSITORY:?}/releases/download/v$version/$archive"
    echo "Flowgate $version for $target from $address"
    curl --fail --silent --show-error --location --proto '=https' --retry 3 --output "$target_folder/$archive" "$address"
    if command -v sha256sum > /dev/null; then
        actual=$(sha256sum "$target_folder/$archive" | cut -d ' ' -f 1)
    else
        actual=$(shasum -a 256 "$target_folder/$archive" | cut -d ' ' -f 1)
    fi
    if [[ "$actual" != "$digest" ]]; then
        echo "::error title=Flowgate::the downloaded program is not the one that this version of the action knows: $actual instead of $digest"
        exit 2
    fi
    tar -xzf "$target_folder/$archive" -C "$target_folder" "$exe"
else
    echo "This version of the action knows no released program for $target, so it is built from source."
    if ! command -v cargo > /dev/null; then
        echo "::error title=Flowgate::there is no released program for $target and no cargo to build one; add a step that installs Rust"
        exit 2
    fi
    build="${CARGO_TARGET_DIR:-$target_folder/build}"
    # Tests of the action itself take a program that is built sooner.
    profile="${FLOWGATE_PROFILE:-release}"
    cargo build --profile "$profile" --locked --manifest-path "$action/Cargo.toml" --target-dir "$build"
    cp "$build/${profile/#dev/debug}/$exe" "$target_folder/$exe"
fi
"$target_folder/$exe" --version
echo "program=$target_folder/$exe" >> "$GITHUB_OUTPUT"
