#include <hourglass/config/emit.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/plugin/architecture.hpp>
#include <hourglass/plugin/model_builder.hpp>
#include <hourglass/plugin/variant.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

namespace hourglass {

namespace {

class Plain final : public Variant {
 public:
  struct Options {
    int latent = 3;
  };
  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", at_least(1));
  }
  void build(ModelBuilder&, const Options&) {}
};

/// A variant with an `encoder` of its own: a number.
class Odd final : public Variant {
 public:
  struct Options {
    int encoder = 7;
  };
  static void describe(Schema<Options>& schema) {
    schema.add("encoder", &Options::encoder, "how odd it is");
  }
  void build(ModelBuilder&, const Options&) {}
};

/// One with layers of its own where the experiment gives none.
class Layered final : public Variant {
 public:
  struct Options {};
  static constexpr const char* kArchitecture =
      "{encoder: [{conv: 4, activation: relu}, flatten], initializer: he_normal}";
  static void describe(Schema<Options>&) {}
  void build(ModelBuilder&, const Options&) {}
};

/// And one whose author has erred.
class Mistaken final : public Variant {
 public:
  struct Options {};
  static constexpr const char* kArchitecture = "encoder: [{conf: 4}]";
  static void describe(Schema<Options>&) {}
  void build(ModelBuilder&, const Options&) {}
};

template <class V>
ModelOptions read(const std::string& yaml) {
  const VariantTypeOf<V> type("test", "1.0.0", "for tests");
  config::Problems problems;
  ModelOptions options = read_model_options(type, config::parse_text(yaml, "model.yaml"), problems);
  problems.throw_if_any();
  return options;
}

}  // namespace

TEST_SUITE("plugin/architecture") {
  TEST_CASE("the layers and the variant's options are read from one section") {
    const ModelOptions options =
        read<Plain>("{latent: 5, encoder: [{dense: 8, activation: relu}], initializer: he_normal}");
    REQUIRE(options.variant != nullptr);
    REQUIRE(options.architecture.encoder.size() == 1);
    CHECK(options.architecture.encoder[0].activation == Activation::Relu);
    CHECK(options.architecture.initializer == Initializer::HeNormal);
    CHECK_FALSE(options.architecture.decoder.layers);
    CHECK(config::emit(options.variant->resolved()) == "latent: 5\n");
  }

  TEST_CASE("every default is filled in, and the resolved section reads back") {
    const ModelOptions options = read<Plain>("{encoder: [{dense: 8}, dropout]}");
    const std::string resolved = config::emit(options.resolved);
    CAPTURE(resolved);
    for (const char* part : {"latent: 3", "decoder: mirror", "initializer: xavier_uniform",
                             "dropout: 0.5", "activation: none"}) {
      CHECK(resolved.find(part) != resolved.npos);
    }
    CHECK(config::emit(read<Plain>(resolved).resolved) == resolved);
  }

  TEST_CASE("a decoder can be a list of its own, even an empty one") {
    const ModelOptions own =
        read<Plain>("{encoder: [{dense: 8}], decoder: [{dense: 5, activation: tanh}, flatten]}");
    REQUIRE(own.architecture.decoder.layers);
    CHECK(own.architecture.decoder.layers->size() == 2);
    CHECK(config::emit(read<Plain>(config::emit(own.resolved)).resolved) ==
          config::emit(own.resolved));
    CHECK(read<Plain>("{encoder: [{dense: 8}], decoder: []}").architecture.decoder.layers->empty());
  }

  TEST_CASE("every fault is told at once, with its place and the nearest name") {
    try {
      read<Plain>(
          "latent: 0\n"
          "encodr: []\n"
          "encoder: [{dence: 3}, {dense: 0}]\n"
          "decoder: miror\n"
          "initializer: xavier\n");
      FAIL("no fault was found");
    } catch (const ConfigError& error) {
      const std::string message = error.what();
      CAPTURE(message);
      for (const char* part :
           {"model.yaml:1:9: model.latent must be >= 1, got 0", "model.yaml:2:1: unknown key",
            "did you mean \"encoder\"?", "did you mean \"dense\"?",
            "model.encoder.1.dense.width must be >= 1, got 0",
            "model.yaml:4:10: model.decoder must be mirror, or a list of layers, got \"miror\"; "
            "did you "
            "mean \"mirror\"?",
            "model.yaml:5:14: "}) {
        CHECK(message.find(part) != message.npos);
      }
      CHECK(std::ranges::count(message, '\n') >= 5);
    }
  }

  TEST_CASE("a variant's own key stands before the shared one of that name") {
    const ModelOptions options = read<Odd>("{encoder: 9, decoder: [{dense: 4}]}");
    CHECK(options.architecture.encoder.empty());
    CHECK(options.architecture.decoder.layers->size() == 1);
    CHECK(config::emit(options.variant->resolved()) == "encoder: 9\n");
    const std::string resolved = config::emit(options.resolved);
    CHECK(resolved.find("encoder: 9\n") != resolved.npos);
  }

  TEST_CASE("a variant's own layers stand where the experiment gives none, key by key") {
    const ModelOptions bare = read<Layered>("{}");
    REQUIRE(bare.architecture.encoder.size() == 2);
    CHECK(bare.architecture.encoder[0].activation == Activation::Relu);
    CHECK(bare.architecture.initializer == Initializer::HeNormal);
    const std::string resolved = config::emit(bare.resolved);
    CHECK(resolved.find("channels: 4") != resolved.npos);
    CHECK(config::emit(read<Layered>(resolved).resolved) == resolved);
    const ModelOptions other = read<Layered>("encoder: [{dense: 3}]");
    CHECK(other.architecture.encoder.size() == 1);
    CHECK(other.architecture.initializer == Initializer::HeNormal);
    CHECK(read<Layered>("encoder: []").architecture.encoder.empty());

    const VariantTypeOf<Layered> type("layered", "1.0.0", "for tests");
    for (const OptionRow& row : document_model(type)) {
      if (row.name == "encoder") CHECK(row.standard == "[{conv: 4, activation: relu}, flatten]");
      if (row.name == "initializer") CHECK(row.standard == "he_normal");
      if (row.name == "decoder") CHECK(row.standard == "mirror");
    }
    CHECK_THROWS_WITH_AS(read<Mistaken>("{}"),
                         doctest::Contains("variant \"test\" has layers that cannot be read: the "
                                           "defaults of test:1:11: "),
                         PluginError);
  }

  TEST_CASE("a model is documented: the variant's options, then those that all have") {
    const VariantTypeOf<Plain> type("test", "1.0.0", "for tests");
    std::vector<std::string> names;
    for (const OptionRow& row : document_model(type)) names.push_back(row.name);
    CHECK(names.front() == "latent");
    for (const char* name : {"encoder", "decoder", "initializer"}) {
      CHECK(std::ranges::find(names, name) != names.end());
    }
    const VariantTypeOf<Odd> odd("odd", "1.0.0", "for tests");
    int encoders = 0;
    for (const OptionRow& row : document_model(odd)) encoders += row.name == "encoder" ? 1 : 0;
    CHECK(encoders == 1);
  }
}

}  // namespace hourglass
