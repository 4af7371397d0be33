#!/usr/bin/env bash
# package_test.sh FILE.deb: as root on a bare Debian or Ubuntu that is thrown away afterwards. Installs the package with what it
# depends on, runs the quickstart, and builds and tests a new plugin, all outside of this tree.
set -euo pipefail
package=$(realpath "$1")
folder=$(mktemp -d)
cd "$folder"

step() { echo "package_test: $*"; }
step "installing $package"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" > log
step "running the quickstart"
hourglass run /usr/share/hourglass/experiments/quickstart.yaml --quiet --output run
grep -q "status: completed" run/result.yaml

step "installing a compiler"
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends g++ cmake make > log
step "building and testing a new plugin"
hourglass new-plugin mine --from vae > log
begin=$(date +%s)
cmake -S mine -B mine/build > log
cmake --build mine/build > log
step "built in $(($(date +%s) - begin)) s"
ctest --test-dir mine/build --output-on-failure
step "running it, and comparing it with vae"
export HOURGLASS_PLUGIN_PATH=$folder/mine/build/lib/plugins
hourglass sweep mine/mine-compare.yaml --output compared
hourglass compare compared
step "all is well"
