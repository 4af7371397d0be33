# Writes the reference page of the operations from the docstrings of the headers that
# hourglass/plugin.hpp includes: for each declaration that gives a value, its line and the text above it.
#
#     awk -f framework/cmake/operations_page.awk -v root=framework > docs/operations.md

# A formula, which lies deeper than the text, stands by itself.
function add_doc(line) {
  sub(/^\/\/\/ ?/, "", line)
  deeper = line ~ /^    /
  if (!deeper) gsub(/\*/, "\\*", line)
  if (doc != "") doc = doc "\n" (deeper != was_deeper ? "\n" : "")
  doc = doc line
  was_deeper = deeper
}

function end_declaration() {
  sub(/^HOURGLASS_API /, "", declaration)
  if (sub(/^inline /, "", declaration)) sub(/ *\{.*$/, ";", declaration)
  pending = pending (pending == "" ? "" : "\n") declaration
  declaration = ""
}

# A docstring holds for the declarations that follow it without an empty line.
function emit() {
  if (pending != "") {
    if (room != shown) print "## `hourglass/" room "`\n"
    shown = room
    print "```cpp\n" pending "\n```\n"
    if (doc != "") print doc "\n"
  }
  doc = ""
  was_deeper = 0
  pending = ""
}

BEGIN {
  plugin = root "/hourglass/plugin.hpp"
  while ((getline line < plugin) > 0) {
    if (line !~ /^#include <hourglass\/(ops|nn)\//) continue
    gsub(/^#include <|>.*$/, "", line)
    ARGV[ARGC++] = root "/" line
  }
  print "# Operations\n"
  print "What a variant's `build` can write into a graph, header by header, all of which `hourglass/plugin.hpp`"
  print "includes. A `Value` is a tensor that a program will compute; `[batch, n]` are its axes. Gradients are written as"
  print "ordinary nodes, so most operations can be differentiated twice. The page is made from the headers' own words by"
  print "`framework/cmake/operations_page.awk`.\n"
}

FNR == 1 {
  emit()
  room = FILENAME
  sub(/^.*hourglass\//, "", room)
  in_body = 0
}

/^(struct|class|enum) / {
  if (/;$/) { doc = ""; next }
  in_body = 1
  shows_body = doc != "" && $1 == "struct"
  if (doc != "") pending = shows_body ? $0 : $1 " " ($2 ~ /^(HOURGLASS_API|class)$/ ? $3 : $2) ";"
  next
}
in_body {
  if (shows_body) pending = pending "\n" $0
  if (/^};/) { in_body = 0; emit() }
  next
}
/^\/\/\// { if (pending != "") emit(); add_doc($0); next }
declaration != "" { sub(/^              /, ""); declaration = declaration "\n" $0; if (/[;}]$/) end_declaration(); next }
/^(HOURGLASS_API|inline) (Value|SparseValue|std::vector<Value>|std::optional<SparseValue>) / {
  declaration = $0
  if (/[;}]$/) end_declaration()
  next
}
/^$/ { emit(); next }

END { emit() }
