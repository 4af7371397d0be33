#include <hourglass/config/emit.hpp>
#include <hourglass/config/overrides.hpp>
#include <hourglass/config/parse.hpp>

#include <doctest/doctest.h>

namespace hourglass::config {

namespace {

constexpr const char* kFile =
    "train: {epochs: 5, optimizer: adam}\nencoder: [{dense: 400}, {dense: 20}]\n";

std::string after(const std::string& assignment) {
  Node node = parse_text(kFile, "f");
  Problems problems;
  apply_override(node, assignment, problems);
  CHECK(problems.to_text() == "");
  return emit_in_line(node);
}

std::string override_faults(const std::string& assignment) {
  Node node = parse_text(kFile, "f");
  const Node before = node;
  Problems problems;
  apply_override(node, assignment, problems);
  return problems.to_text();
}

}  // namespace

TEST_SUITE("config/overrides") {
  TEST_CASE("values are replaced, and what is missing is made") {
    const std::string layers = "encoder: [{dense: 400}, {dense: 20}]}";
    CHECK(after("train.epochs=9") == "{train: {epochs: 9, optimizer: adam}, " + layers);
    CHECK(after("train.optimizer={sgd: {momentum: 0.9}}") ==
          "{train: {epochs: 5, optimizer: {sgd: {momentum: 0.9}}}, " + layers);
    CHECK(after("train.optimizer.adam.beta1=0.5") ==
          "{train: {epochs: 5, optimizer: {adam: {beta1: 0.5}}}, " + layers);
    CHECK(after("encoder.1.dense=64") ==
          "{train: {epochs: 5, optimizer: adam}, encoder: [{dense: 400}, {dense: 64}]}");
    CHECK(after("a.b.c=") ==
          "{train: {epochs: 5, optimizer: adam}, encoder: [{dense: 400}, {dense: 20}], "
          "a: {b: {c: null}}}");
    CHECK(after("name=x=y").ends_with("name: \"x=y\"}"));
  }

  TEST_CASE("what is set stands where it was set") {
    Node node = parse_text(kFile, "f");
    Problems problems;
    const std::vector<std::string> assignments{"train.batch=[a, b]"};
    apply_overrides(node, assignments, problems);
    const Node& batch = *node.find("train")->find("batch");
    CHECK(batch.place().prefix() == "--set train.batch=[a, b]: ");
    CHECK(batch.items()[1].place().prefix() == "--set train.batch=[a, b]: ");
    CHECK(node.find("train")->entries().back().place.prefix() == "--set train.batch=[a, b]: ");
    CHECK(node.find("train")->find("epochs")->place().prefix() == "f:1:17: ");
  }

  TEST_CASE("a key finds the value that it would set") {
    const Node root = parse_text("{train: {epochs: 5}, encoder: [{dense: 8}]}", "a.yaml");
    const auto found = [&](const char* key) {
      const Node* node = value_at(root, key);
      return node == nullptr ? "none" : node->text();
    };
    CHECK(found("train.epochs") == "5");
    CHECK(found("encoder.0.dense") == "8");
    for (const char* key : {"", "epochs", "train.epochs.x", "train.batch", "encoder.1.dense",
                            "encoder.dense", "encoder.-1", "encoder.0."}) {
      CAPTURE(key);
      CHECK(found(key) == "none");
    }
    CHECK(value_at(root, "train")->is_map());
  }

  TEST_CASE("faults are located at the assignment") {
    CHECK(override_faults("train.epochs") ==
          "--set train.epochs: needs a value: write train.epochs=VALUE");
    CHECK(override_faults("=3") ==
          "--set =3: \"\" is not a key; write names joined by dots, as in train.epochs");
    CHECK(override_faults("a..b=3") ==
          "--set a..b=3: \"a..b\" is not a key; write names joined by dots, as in train.epochs");
    CHECK(override_faults("train.epochs.x=3") ==
          "--set train.epochs.x=3: train.epochs is 5, and has no \"x\" to be set; set it "
          "whole: train.epochs={x: ...}");
    CHECK(override_faults("encoder.2.dense=3") ==
          "--set encoder.2.dense=3: encoder is a list of 2, and has no item \"2\"; items count "
          "from 0");
    CHECK(override_faults("encoder.dense=3") ==
          "--set encoder.dense=3: encoder is a list of 2, and has no item \"dense\"; items count "
          "from 0");
    CHECK(override_faults("a=[1") == "--set a=[1: not valid YAML: this bracket is never closed");
    CHECK(override_faults("a={b: 1, b: 2}") == "--set a={b: 1, b: 2}: key \"b\" is repeated");
    CHECK(override_faults("a=\xff") == "--set a=\xff: not text in UTF-8");
  }
}

}  // namespace hourglass::config
