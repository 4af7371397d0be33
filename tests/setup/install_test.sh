#!/usr/bin/env bash
# install_test.sh CMAKE BUILD: what is installed works where it was moved to, by itself.
set -euo pipefail
cmake=$1
build=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$cmake" --install "$build" --prefix "$folder/first" > "$folder/log"
mv "$folder/first" "$folder/moved"
prefix=$folder/moved
program=$prefix/bin/hourglass

fail() {
  echo "install_test: $*" >&2
  exit 1
}
installed() {
  env -i PATH=/usr/bin:/bin "$program" "$@" 2> "$folder/errors" || fail "hourglass $*: $(cat "$folder/errors")"
}

ldd "$program" | grep libhourglass | grep -q "$prefix/" || fail "the command loads another library than the one beside it"
installed plugins > "$folder/plugins"
grep -q vanilla "$folder/plugins" || fail "no plugin was found: $(cat "$folder/plugins")"
plugin=$(find "$prefix" -name vanilla.so)
ldd "$plugin" | grep libhourglass | grep -q "$prefix/" || fail "the plugin loads another library than the one beside it"
find "$prefix/share/hourglass/datasets" -name glyphs.yaml | grep -q . || fail "no descriptors were installed"
installed run "$prefix/share/hourglass/experiments/quickstart.yaml" --set train.epochs=1 \
  --output "$folder/run" --quiet > "$folder/out"
grep -q "status: completed" "$folder/run/result.yaml" || fail "the run did not complete"
