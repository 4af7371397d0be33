#!/usr/bin/env bash
# Installs what Hourglass needs and is missing, builds it, and runs or tests it.
set -euo pipefail

project=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
build=$project/build/release

usage() {
  cat <<'END'
Usage: ./bootstrap.sh COMMAND

  build [CMAKE-OPTION]...    install the missing packages, then build into build/release
  run FILE [OPTION]...       the same without the tests, then `hourglass run FILE`; options are
                             hourglass's
  test [OPTION]...           what build does, then run all tests; options are ctest's

For Debian 12 or later and Ubuntu 24.04 or later, as root or as a user with sudo.
Works from any folder; what is already installed or built is left alone.
END
}

say() { printf 'bootstrap: %s\n' "$*" >&2; }

# stop STATUS MESSAGE: the statuses are hourglass's own (2 usage, 3 missing file, 1 the rest).
stop() {
  say "$2"
  exit "$1"
}

# The tools, and the libraries that the build looks for.
needed_packages() {
  printf '%s\n' g++ cmake ninja-build
  local package rest
  sed -n 's/^# debian: *//p' "$project/framework/cmake/Dependencies.cmake" |
    while read -r package rest; do
      if [[ $rest =~ ^or\ command\ ([^ ]+) ]] && command -v "${BASH_REMATCH[1]}" >/dev/null; then
        continue
      fi
      printf '%s\n' "$package"
    done
}

is_installed() {
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 \
    -o DPkg::Lock::Timeout=300 "$@" </dev/null >&2
}

install_packages() {
  if ! { command -v apt-get && command -v dpkg-query; } >/dev/null; then
    stop 1 "can install packages on Debian and Ubuntu only. Install a C++20 compiler, CMake 3.25, \
Ninja and the libraries that framework/cmake/Dependencies.cmake lists, then: \
cmake --preset release && cmake --build --preset release"
  fi

  local package missing=()
  for package in $(needed_packages); do
    is_installed "$package" || missing+=("$package")
  done
  if [ ${#missing[@]} = 0 ]; then
    say 'all packages are installed.'
    return
  fi
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || stop 1 \
    "packages are missing and neither root nor sudo is at hand. As root, run: \
apt-get install ${missing[*]}"
  say "installing ${missing[*]}"
  apt_get update || stop 1 'apt-get update failed; its message is above.'
  apt_get install -y --no-install-recommends "${missing[@]}" || stop 1 \
    'apt-get install failed; its message is above. Hourglass needs Debian 12, Ubuntu 24.04 or later.'
}

# A folder that was copied from elsewhere still names its old place, and CMake refuses it.
is_configured() {
  [ -f "$build/build.ninja" ] &&
    grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$project" "$build/CMakeCache.txt"
}

# build_release TARGETS [CMAKE-OPTION]...
build_release() {
  local targets=$1
  shift
  cd "$project"
  if ! is_configured; then
    say 'configuring build/release'
    cmake --fresh --preset release "$@"
  elif [ $# -gt 0 ]; then
    say "configuring build/release with $*"
    cmake --preset release "$@"
  fi
  say 'building build/release'
  # shellcheck disable=SC2086 # targets are words
  cmake --build --preset release --parallel "${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}" \
    --target $targets
}

main() {
  local command=${1:-}
  [ $# = 0 ] || shift
  case $command in
    build)
      install_packages
      (build_release all "$@") >&2
      say "done; the program is $build/bin/hourglass"
      ;;
    run)
      [ $# -gt 0 ] || stop 2 'run needs an experiment file, such as experiments/quickstart.yaml'
      # A mistyped name should not cost a build first.
      [[ $1 == -* || -e $1 ]] || stop 3 "$1: no such file"
      install_packages
      (build_release 'framework/all plugins/all') >&2  # without the tests
      exec "$build/bin/hourglass" run "$@"
      ;;
    test)
      install_packages
      (build_release all) >&2
      cd "$project"
      exec ctest --preset release "$@"
      ;;
    -h | --help | help) usage ;;
    '')
      usage >&2
      exit 2
      ;;
    *) stop 2 "unknown command \"$command\"; the commands are build, run and test" ;;
  esac
}

main "$@"
