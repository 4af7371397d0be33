#!/usr/bin/env bash
# install_test.sh CMAKE GENERATOR BUILD SOURCE: what is installed works where it was moved to, by itself, and so do
# plugins that are built with it.
set -euo pipefail
cmake=$1
generator=$2
build=$3
source=$4
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
# Where it was built, the sources are there too: only what they do not have shows what is found.
sed 's/^name:.*/name: only-here/' "$prefix/share/hourglass/datasets/glyphs.yaml" > "$prefix/share/hourglass/datasets/only-here.yaml"
installed datasets > "$folder/datasets"
grep -q only-here "$folder/datasets" || fail "the installed descriptors are not found: $(cat "$folder/datasets")"
installed --help > "$folder/help"
grep -q "A first run: hourglass run $prefix/share/hourglass/experiments/quickstart.yaml" "$folder/help" ||
  fail "help names another first run: $(cat "$folder/help")"
installed run "$prefix/share/hourglass/experiments/quickstart.yaml" --set train.epochs=1 \
  --output "$folder/run" --quiet > "$folder/out"
grep -q "status: completed" "$folder/run/result.yaml" || fail "the run did not complete"

# The CMake package makes plugins elsewhere as they are made here. Theirs is the only code that may
# be there: headers that are not public were not installed.
mkdir "$folder/outside"
sed 's/"vanilla"/"outside"/' "$source/plugins/vanilla/vanilla.cpp" > "$folder/outside/outside.cpp"
cat > "$folder/outside/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.25)
project(outside LANGUAGES CXX)
find_package(hourglass 0.1.0 REQUIRED)
hourglass_add_plugin(outside outside.cpp)
add_custom_target(listed COMMAND hourglass::command plugins outside
                  --plugin $<TARGET_FILE:hourglass_plugin_outside> DEPENDS hourglass_plugin_outside)
END
[ ! -e "$prefix/include/hourglass/onednn/bridge.hpp" ] || fail "a private header was installed"
"$cmake" -G "$generator" -S "$folder/outside" -B "$folder/outside/build" -DCMAKE_PREFIX_PATH="$prefix" > "$folder/log" ||
  fail "find_package failed: $(cat "$folder/log")"
"$cmake" --build "$folder/outside/build" --target listed > "$folder/log" 2>&1 ||
  fail "the plugin was not built: $(cat "$folder/log")"
grep -q "code_activation" "$folder/log" || fail "the plugin was not listed: $(cat "$folder/log")"
installed run "$prefix/share/hourglass/experiments/quickstart.yaml" --set train.epochs=1 \
  --set variant=outside --plugin "$folder/outside/build/lib/plugins/outside.so" \
  --output "$folder/outside/run" --quiet > "$folder/out"
grep -q "status: completed" "$folder/outside/run/result.yaml" || fail "the plugin's run did not complete"

# So does a plugin with a measure, an operation and threads of its own.
mkdir "$folder/own"
cp "$source/tests/conformance/fixtures/faulty.cpp" "$folder/own"
sed 's/outside/faulty/g; /add_custom_target/,$d' "$folder/outside/CMakeLists.txt" > "$folder/own/CMakeLists.txt"
"$cmake" -G "$generator" -S "$folder/own" -B "$folder/own/build" -DCMAKE_PREFIX_PATH="$prefix" > "$folder/log" &&
  "$cmake" --build "$folder/own/build" > "$folder/log" 2>&1 || fail "a plugin with parts of its own was not built: $(cat "$folder/log")"

# What new variants are begun from builds as it is, and passes the tests that it comes with.
cd "$folder"
for from in vanilla vae adversarial; do
  installed new-plugin "my-$from" --from "$from" > "$folder/out"
  "$cmake" -G "$generator" -S "my-$from" -B "my-$from/build" -DCMAKE_PREFIX_PATH="$prefix" > "$folder/log" ||
    fail "my-$from: CMake failed: $(cat "$folder/log")"
  "$cmake" --build "my-$from/build" > "$folder/log" 2>&1 || fail "my-$from was not built: $(cat "$folder/log")"
  ctest --test-dir "my-$from/build" --output-on-failure > "$folder/log" 2>&1 ||
    fail "my-$from fails its tests: $(cat "$folder/log")"
done
