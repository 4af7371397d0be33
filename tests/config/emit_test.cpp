#include <hourglass/config/emit.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/core/text.hpp>

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>

namespace hourglass::config {

namespace {

constexpr std::array<std::string_view, 60> kNasty{"",         " ",
                                                  "a",        "two words",
                                                  " lead",    "trail ",
                                                  "a: b",     "a:b",
                                                  "a #b",     "#",
                                                  "-",        "- a",
                                                  "---",      "--- a",
                                                  "...",      "?",
                                                  "? a",      ":",
                                                  "[",        "]",
                                                  "{a: 1}",   ",",
                                                  "a,b",      "&a",
                                                  "*a",       "!a",
                                                  "|",        ">",
                                                  "'",        "''",
                                                  "\"",       "\\",
                                                  "%a",       "@a",
                                                  "`a",       "null",
                                                  "Null",     "~",
                                                  "true",     "no",
                                                  "1",        "1.0e-05",
                                                  ".5",       "-.inf",
                                                  "0x10",     "<<",
                                                  "a\nb",     "\n",
                                                  "a\n\nb ",  "\t",
                                                  "tab\ttab", "\r\n",
                                                  "\x01\x1f", "\x7f",
                                                  "\xc2\x85", "\xc2\x9b",
                                                  "é☺",       "\xe2\x80\xa8x",
                                                  "=",        "a\\nb"};

std::string nasty_text(RandomStream& random) {
  std::string out(kNasty[random.below(kNasty.size())]);
  if (random.below(4) == 0) out += kNasty[random.below(kNasty.size())];
  return out;
}

Node random_node(RandomStream& random, int depth) {
  const std::uint32_t kind = random.below(depth > 0 ? 5 : 3);
  if (kind == 0) return Node();
  if (kind < 3) return Node::string(nasty_text(random));
  const std::uint32_t count = random.below(5);
  if (kind == 3) {
    std::vector<Node> items;
    for (std::uint32_t i = 0; i < count; ++i) items.push_back(random_node(random, depth - 1));
    return Node::list(std::move(items));
  }
  Node node = Node::map();
  for (std::uint32_t i = 0; i < count; ++i) {
    node.set(nasty_text(random), random_node(random, depth - 1));
  }
  return node;
}

}  // namespace

TEST_SUITE("config/emit") {
  TEST_CASE("maps and lists of maps are blocks, lists of scalars are lines") {
    const Node node = parse_text(
        "{name: vae, dataset: {name: mnist, validation: 0.1}, encoder: [{dense: 400, "
        "activation: relu}, {dense: 20}], sizes: [1, 2], none: [], empty: {}, off: ~, t: 'on'}",
        "f");
    CHECK(emit(node) ==
          "name: vae\n"
          "dataset:\n"
          "  name: mnist\n"
          "  validation: 0.1\n"
          "encoder:\n"
          "  - dense: 400\n"
          "    activation: relu\n"
          "  - dense: 20\n"
          "sizes: [1, 2]\n"
          "none: []\n"
          "empty: {}\n"
          "off: null\n"
          "t: \"on\"\n");
    CHECK(emit_in_line(*node.find("encoder")) == "[{dense: 400, activation: relu}, {dense: 20}]");
  }

  TEST_CASE("numbers are shortest, and cannot be taken for text") {
    CHECK(Node::number(1.0).text() == "1.0");
    CHECK(Node::number(1e-5).text() == "1.0e-05");
    CHECK(Node::number(1.5e-5).text() == "1.5e-05");
    CHECK(Node::number(1e20).text() == "1.0e+20");
    CHECK(Node::number(0.1f).text() == "0.1");
    CHECK(Node::number(-2.0).text() == "-2.0");
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(Node::number(-std::nan("")).text() == ".nan");
    CHECK(Node::number(infinity).text() == ".inf");
    CHECK(Node::number(-infinity).text() == "-.inf");
    for (const double each : {0.1, -1e-5, infinity, -infinity}) {
      CHECK(Node::number(each).to_number() == each);
    }
    CHECK(std::isnan(Node::number(std::nan("")).to_number().value()));
    CHECK(Node::integer(7).to_number() == 7.0);
    for (const char* other : {"", "1x", "nan", "yes"}) CHECK_FALSE(Node::string(other).to_number());
    CHECK(Node::integer(-3).text() == "-3");
    CHECK(Node::boolean(true).text() == "true");
  }

  TEST_CASE("texts are quoted where a reader could take them for something else") {
    const auto emitted = [](const char* text) { return emit_in_line(Node::string(text)); };
    CHECK(emitted("vae-mnist") == "vae-mnist");
    CHECK(emitted("data/set 1.csv") == "data/set 1.csv");
    CHECK(emitted("20") == "\"20\"");
    CHECK(emitted("no") == "\"no\"");
    CHECK(emitted("") == "\"\"");
    CHECK(emitted("a: b") == "\"a: b\"");
    CHECK(emitted("say \"x\"\n") == "\"say \\\"x\\\"\\n\"");
  }

  TEST_CASE("parsing what was emitted gives the same node, whatever the texts") {
    RandomStream random(1, "emit");
    for (int i = 0; i < 1000; ++i) {
      Node node = random_node(random, 4);
      CAPTURE(emit(node));
      Problems problems;
      CHECK(parse_text(emit(node), "f", problems) == node);
      CHECK(problems.to_text() == "");
      CHECK(parse_text(emit_in_line(node), "f", problems) == node);
    }
  }

  TEST_CASE("what messages show is short, in quotes, and without control characters") {
    CHECK(shown(Node()) == "nothing");
    CHECK(shown(Node::scalar("-3")) == "-3");
    CHECK(shown(Node::scalar("rleu")) == "\"rleu\"");
    CHECK(shown(Node::quoted("20")) == "\"20\"");
    CHECK(shown(Node::list({Node::scalar("1")})) == "[1]");
    CHECK(shown("\x1b[0m") == "\"\\x1b[0m\"");
    CHECK(shown(std::string(1000, 'a')) == '"' + std::string(77, 'a') + "...\"");
  }
}

}  // namespace hourglass::config
