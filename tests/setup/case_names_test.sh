#!/usr/bin/env bash
# CTest runs each doctest case by its name. A name that two cases share, or that CMake or doctest
# reads as a list or a pattern, would run too much or, silently, nothing.
#   case_names_test.sh TEST-EXECUTABLE
set -euo pipefail

names=$("$1" --list-test-cases | grep -Ev '^(=+$|\[doctest\] )')
status=0
report() {
  [ -z "$2" ] || { printf '%s:\n%s\n' "$1" "$2"; status=1; }
}
report 'names of more than one case' "$(sort <<<"$names" | uniq -d)"
report 'names with one of []*?;\"$' "$(grep -E '[][*?;\"$]' <<<"$names" || true)"
exit $status
