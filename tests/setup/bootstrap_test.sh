#!/usr/bin/env bash
# Runs bootstrap.sh among stand-ins for apt-get, dpkg-query, sudo, cmake and ctest, which note how
# they are called.
#   bootstrap_test.sh PROJECT-FOLDER
set -euo pipefail

scratch=$(readlink -f "$(mktemp -d)")
trap 'rm -rf "$scratch"' EXIT
project="$scratch/a project" bin=$scratch/bin
mkdir -p "$project/framework/cmake" "$scratch/elsewhere" "$bin"
cp "$1/bootstrap.sh" "$project"
cp "$1/framework/cmake/Dependencies.cmake" "$project/framework/cmake"
export SCRATCH=$scratch PROJECT=$project

# ---- the stand-ins

stand_in() {
  { echo '#!/bin/bash'; cat; } >"$bin/$1"
  chmod +x "$bin/$1"
}
for tool in bash cat chmod dirname env grep mkdir nproc readlink sed; do
  ln -s "$(command -v "$tool")" "$bin/$tool"
done
stand_in id <<<'cat "$SCRATCH/user"'
stand_in sudo <<<'echo "sudo $*" >>"$SCRATCH/log"; exec "$@"'
stand_in dpkg-query <<'END'
grep -qx -- "${!#}" "$SCRATCH/installed" && echo installed
END
stand_in apt-get <<'END'
echo "apt-get $*" >>"$SCRATCH/log"
[ -z "${APT_FAILS:-}" ] || exit 100
if [[ " $* " == *" install "* ]]; then printf '%s\n' "${@##-*}" >>"$SCRATCH/installed"; fi
END
stand_in cmake <<'END'
echo "cmake $*" >>"$SCRATCH/log"
[ "$1" != --build ] || exit 0
mkdir -p build/release/bin
echo "CMAKE_HOME_DIRECTORY:INTERNAL=$PROJECT" >build/release/CMakeCache.txt
echo >build/release/build.ninja
printf '%s\n' '#!/bin/bash' 'echo "hourglass $* in $PWD" >>"$SCRATCH/log"; exit 6' \
  >build/release/bin/hourglass
chmod +x build/release/bin/hourglass
END
stand_in ctest <<<'echo "ctest $* in $PWD" >>"$SCRATCH/log"; exit 8'

# ---- the checks

# A machine with the packages given, at the work of user 0 or another, and an empty log.
machine() {
  echo "$1" >"$scratch/user"
  printf '%s\n' "${@:2}" >"$scratch/installed"
  rm -rf "$project/build"
}
mapfile -t everything < <(printf '%s\n' g++ cmake ninja-build
  sed -n 's/^# debian: *\([^ ]*\).*/\1/p' "$project/framework/cmake/Dependencies.cmake")

# bootstrap STATUS ARGUMENTS...: from another folder, with what it prints in $scratch/said.
bootstrap() {
  local expected=$1 status=0
  shift
  : >"$scratch/log"
  (cd "$scratch/elsewhere" && PATH=$bin "$project/bootstrap.sh" "$@") >"$scratch/said" 2>&1 ||
    status=$?
  [ $status = "$expected" ] || fail "$*: exit status $status, not $expected"
}
fail() {
  printf 'FAILED: %s\nsaid:\n%s\nlog:\n%s\n' "$1" "$(cat "$scratch/said")" "$(cat "$scratch/log")"
  exit 1
}
said() { grep -qF -- "$1" "$scratch/said" || fail "does not say: $1"; }
did() { grep -qE -- "$1" "$scratch/log" || fail "did not call: $1"; }
did_not() { ! grep -qE -- "$1" "$scratch/log" || fail "called: $1"; }

echo 'installs exactly what is missing, once'
machine 0 "${everything[@]:2}"
bootstrap 0 build
did '^apt-get .*update$'
did '^apt-get .*install -y --no-install-recommends g\+\+ cmake$'
did '^cmake --fresh --preset release$'
did_not '^sudo'
bootstrap 0 build
did_not '^apt-get'
did_not '^cmake --(fresh|preset)'
did '^cmake --build --preset release'

echo 'takes a command that is there in place of its package'
machine 0
printf '%s\n' "${everything[@]}" | grep -vx npm >"$scratch/installed"
stand_in npm <<<'exit 0'
bootstrap 0 build
did_not 'apt-get'
rm "$bin/npm"
bootstrap 0 build
did 'apt-get .*install.* npm$'

echo 'asks for nothing on a machine that has everything'
machine 1000 "${everything[@]}"
bootstrap 0 build
did_not '^apt-get|^sudo'
said 'all packages are installed'

echo 'uses sudo for a user, and says what to do without'
machine 1000 "${everything[@]:1}"
bootstrap 0 build
did '^sudo env DEBIAN_FRONTEND=noninteractive apt-get .*install .* g\+\+$'
machine 1000 "${everything[@]:1}"
mv "$bin/sudo" "$bin/no-sudo"
bootstrap 1 build
said 'As root, run: apt-get install g++'
did_not .
mv "$bin/no-sudo" "$bin/sudo"

echo 'stops where packages cannot be had'
machine 0
APT_FAILS=1 bootstrap 1 build
said 'apt-get update failed'
did_not '^cmake'
mv "$bin/apt-get" "$bin/no-apt-get"
bootstrap 1 build
said 'Debian and Ubuntu only'
mv "$bin/no-apt-get" "$bin/apt-get"

echo 'runs hourglass in the caller'"'"'s folder and passes on its status'
machine 0 "${everything[@]}"
touch "$scratch/elsewhere/my experiment.yaml"
bootstrap 6 run 'my experiment.yaml' --set seed=2
did "^hourglass run my experiment.yaml --set seed=2 in $scratch/elsewhere\$"
did '^cmake --build .* --target framework/all plugins/all$'  # whoever runs need not wait for tests
bootstrap 3 run missing.yaml
said 'missing.yaml: no such file'
did_not .

echo 'runs ctest in the project and passes on its status'
bootstrap 8 test -R core
did "^ctest --preset release -R core in $project\$"
did '^cmake --build .* --target all$'

echo 'configures again for options, and where the folder has moved'
bootstrap 0 build -DHOURGLASS_WARNINGS_AS_ERRORS=ON
did '^cmake --preset release -DHOURGLASS_WARNINGS_AS_ERRORS=ON$'
echo CMAKE_HOME_DIRECTORY:INTERNAL=/elsewhere >"$project/build/release/CMakeCache.txt"
bootstrap 0 build
did '^cmake --fresh --preset release$'

echo 'explains itself'
bootstrap 0 --help
said 'Usage: ./bootstrap.sh COMMAND'
bootstrap 2
said 'Usage: ./bootstrap.sh COMMAND'
bootstrap 2 rnu
said 'unknown command "rnu"; the commands are build, run and test'
bootstrap 2 run
said 'run needs an experiment file'

echo passed
