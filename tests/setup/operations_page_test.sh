#!/usr/bin/env bash
# operations_page_test.sh SOURCE: docs/operations.md says what the headers say.
set -euo pipefail
cd "$1"
if ! awk -f framework/cmake/operations_page.awk -v root=framework | diff docs/operations.md - > /dev/null; then
  echo "docs/operations.md is not what the headers say; write it anew with" >&2
  echo "  awk -f framework/cmake/operations_page.awk -v root=framework > docs/operations.md" >&2
  exit 1
fi
