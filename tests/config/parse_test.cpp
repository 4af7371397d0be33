#include <hourglass/config/emit.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/core/text.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

namespace hourglass::config {

namespace {

std::string repeated(std::string_view part, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += part;
  return out;
}

/// Everything that is wrong with a text.
std::string faults(std::string_view yaml) {
  Problems problems;
  try {
    parse_text(yaml, "f", problems);
  } catch (const ConfigError& error) {
    CHECK(error.what() == problems.to_text());
  }
  return problems.to_text();
}

/// Lists doubled again and again by aliases: few letters, 10^12 values.
std::string billion_laughs() {
  std::string yaml = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string alias = text("*a", i - 1);
    yaml += text("a", i, ": &a", i, " [", alias, repeated(", " + alias, 9), "]\n");
  }
  return yaml;
}

}  // namespace

TEST_SUITE("config/parse") {
  TEST_CASE("scalars keep their text exactly") {
    const Node node = parse_text(
        "a: 1.0e-4\nb: on\nc: 0x10\nd: 1_000\ne: .5\nf: '20'\ng: \"a\\tb\"\nh: two words # why\n",
        "f");
    const auto text_of = [&](const char* key) { return node.find(key)->text(); };
    CHECK(text_of("a") == "1.0e-4");
    CHECK(text_of("b") == "on");
    CHECK(text_of("c") == "0x10");
    CHECK(text_of("d") == "1_000");
    CHECK(text_of("e") == ".5");
    CHECK(text_of("f") == "20");
    CHECK(text_of("g") == "a\tb");
    CHECK(text_of("h") == "two words");
    CHECK(node.find("f")->is_quoted());
    CHECK_FALSE(node.find("a")->is_quoted());
    CHECK(node.find("z") == nullptr);
  }

  TEST_CASE("every node knows where it stands, counted from 1") {
    const Node node = parse_text("name: x\nmodel:\n  latent: [3, 44]\n", "vae.yaml");
    CHECK(node.place().prefix() == "vae.yaml:1:1: ");
    CHECK(node.entries()[1].place.prefix() == "vae.yaml:2:1: ");
    const Node& latent = *node.find("model")->find("latent");
    CHECK(latent.place().prefix() == "vae.yaml:3:11: ");
    CHECK(latent.items()[1].place().prefix() == "vae.yaml:3:15: ");
  }

  TEST_CASE("a value that is left out is null, and stands at its key") {
    const Node node = parse_text("a:\nb: ~\nc: null\n", "f");
    CHECK(node.find("a")->is_null());
    CHECK(node.find("a")->place().prefix() == "f:1:1: ");
    CHECK(node.find("b")->is_null());
    CHECK(node.find("c")->is_null());
    CHECK(parse_text("", "f").is_null());
    CHECK(parse_text("# nothing\n", "f").is_null());
  }

  TEST_CASE("aliases stand for what they name") {
    const Node node = parse_text("a: &x {b: [1]}\nc: *x\nd: &x 2\ne: *x\n", "f");
    CHECK(*node.find("c") == *node.find("a"));
    CHECK(node.find("e")->text() == "2");
  }

  TEST_CASE("a byte-order mark and carriage returns do no harm") {
    CHECK(parse_text("\xEF\xBB\xBF"
                     "a: 1\r\nb: 2\r\n",
                     "f") == parse_text("a: 1\nb: 2\n", "f"));
  }

  TEST_CASE("each fault is reported at its place") {
    struct Case {
      std::string yaml;
      std::string message;
    };
    const std::string second_document =
        "the file goes on where it should end: a second document, or a wrong indentation";
    const std::vector<Case> cases{
        {"a: 1\nb: 2\na: 3\n", "f:3:1: key \"a\" is repeated"},
        {"a: {b: 1, c: 2, b: 3}\n", "f:1:17: key \"b\" is repeated"},
        {"\"a\": 1\na: 2\n", "f:2:1: key \"a\" is repeated"},
        {"x: &x {a: 1}\ny:\n  <<: *x\n",
         "f:3:3: merge keys (<<) are not supported; write the keys out"},
        {"? [a, b]\n: 1\n", "f:1:3: a key must be a name, got [a, b]"},
        {"~: 1\n", "f:1:1: a key must be a name, got nothing"},
        {"a: !!int 3\n",
         "f:1:4: a tag (\"tag:yaml.org,2002:int\") has no meaning here; leave it out"},
        {"a: \"\\0\"\n", "f:1:4: text must not hold \\0"},
        {"? " + std::string(300, 'k') + "\n: 1\n", "f:1:3: a key must be shorter than 256 letters"},
        {"a: &x [1, *x]\n", "f:1:11: an alias must not stand inside what it repeats"},
        {"a: *x\n", "f:1:4: not valid YAML: the referenced anchor is not defined"},
        {"a: b: c\n",
         "f:1:5: not valid YAML: a colon cannot stand here; quote a text that holds one, or look "
         "for a "
         "colon that is missing in the line above"},
        {"a:\n  b: 1\n c: 2\n",
         "f:3:2: not valid YAML: this line's indentation is that of no line above"},
        {"a: \"b\nc: d\n", "f:1:4: not valid YAML: this quote is never closed"},
        {"a: 'it''s\n", "f:1:4: not valid YAML: this quote is never closed"},
        {"b: 1\na: [1,\n  2\n", "f:2:4: not valid YAML: this bracket is never closed"},
        {"a: \"\\q\"\n", "f:1:7: not valid YAML: unknown escape character: q"},
        {"a:\n\tb: 1\n", "f:2:1: a tab stands in the indentation; YAML wants spaces"},
        {"a: 1\n---\nb: 2\n", "f:3:1: " + second_document},
        {"- a\nb: 1\n", "f:2:1: " + second_document},
        {std::string("a: \0", 4),
         "f:1:4: a control character (byte 0) does not belong into a text file"},
        {"a: 1\nb: \x1b[0m\n",
         "f:2:4: a control character (byte 27) does not belong into a text file"},
        {"a: \xff\n", "f:1:4: not text in UTF-8"},
        {"a: \xed\xa0\x80\n", "f:1:4: not text in UTF-8"},
        {"a: \xc0\xaf\n", "f:1:4: not text in UTF-8"},
        {"a: \xe2\x82", "f:1:4: not text in UTF-8"},
        {repeated("- ", 65) + "a", "f:1:129: nested more than 64 levels deep"},
        {repeated("- a\n", 200'000), "f:100000:3: more than 100000 values in one file"},
        {std::string((1 << 20) + 1, '#'), "f:1:1: larger than 1 MiB, which no experiment needs"},
        {billion_laughs(), "f:5:40: more than 100000 values in one file"},
        {"a: 1\na: 2\nb: ]\n",
         "f:2:1: key \"a\" is repeated\nf:3:4: not valid YAML: illegal flow end"},
    };
    for (const Case& fault : cases) {
      CAPTURE(fault.yaml.substr(0, 100));
      CHECK(faults(fault.yaml) == fault.message);
    }
  }

  TEST_CASE("depth reached through aliases counts too") {
    std::string yaml = "a0: &a0 [1]\n";
    for (int i = 1; i < 100; ++i) yaml += text("a", i, ": &a", i, " [*a", i - 1, "]\n");
    CHECK(faults(yaml) == "f:64:12: nested more than 64 levels deep");
  }

  TEST_CASE("64 levels are read") {
    CHECK(faults(repeated("- ", 64) + "a") == "");
    CHECK(faults(repeated("[", 64) + repeated("]", 64)) == "");
  }

  TEST_CASE("a missing file, and what is not a file, are errors of data") {
    CHECK_THROWS_WITH_AS(parse_file("/nowhere/vae.yaml"),
                         "/nowhere/vae.yaml: there is no such file", DataError);
    CHECK_THROWS_WITH_AS(parse_file("/tmp"), "/tmp: not a file; give a YAML file", DataError);
  }

  TEST_CASE("files are read as texts are") {
    const ScratchFolder folder;
    const auto path = folder.put("a.yaml", "a: [1, 2]\n");
    CHECK(parse_file(path) == parse_text("a: [1, 2]", "f"));
    folder.put("a.yaml", "a: 1\na: 2\n");
    CHECK_THROWS_WITH_AS(parse_file(path),
                         text(path.string(), ":2:1: key \"a\" is repeated").c_str(), ConfigError);
  }

  TEST_CASE("UTF-8 is known from what is not") {
    CHECK(is_utf8("plain, \xc3\xa9, \xe2\x98\xba, \xf0\x9f\x8e\x89"));
    std::size_t fault = 0;
    CHECK_FALSE(is_utf8("ab\xf5\x80\x80\x80", &fault));
    CHECK(fault == 2);
    CHECK_FALSE(is_utf8("\xe0\x80\x80"));
    CHECK_FALSE(is_utf8("\xf4\x90\x80\x80"));
    CHECK_FALSE(is_utf8("\x80"));
  }

  TEST_CASE("problems are shown in order of position, those of the command line last") {
    const auto file = std::make_shared<const std::string>("f");
    const auto option = std::make_shared<const std::string>("--set a=1");
    Problems problems;
    problems.add({option}, "option");
    problems.add({file, 3, 1}, "third");
    problems.add({file, 1, 9}, "second");
    problems.add({file, 1, 2}, "first");
    CHECK(problems.to_text() == "f:1:2: first\nf:1:9: second\nf:3:1: third\n--set a=1: option");
    CHECK_THROWS_AS(problems.throw_if_any(), ConfigError);
    CHECK_NOTHROW(Problems().throw_if_any());
  }

  TEST_CASE("a flood of problems is cut at a hundred") {
    Problems problems;
    for (int i = 0; i < 120; ++i) problems.add({}, "x");
    CHECK(problems.to_text().ends_with("x\n... and 20 more"));
  }
}

}  // namespace hourglass::config
