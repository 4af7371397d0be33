#include <hourglass/config/emit.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/plugin/variant_type.hpp>

#include <doctest/doctest.h>
#include <string>
#include <vector>

using namespace hourglass;

namespace {

// What the variant below was built with.
int built_latent = 0;
double built_beta = 0;

// The variant below does not touch its model.
ModelBuilder& no_model() {
  static char place;
  return reinterpret_cast<ModelBuilder&>(place);
}

class Vae final {
 public:
  struct Options {
    int latent = 20;
    Schedule beta = 1.0;
  };
  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", at_least(1));
    schema.add("beta", &Options::beta, "weight of the KL term", at_least(0));
  }
  void build(ModelBuilder&, const Options& options) {
    built_latent = options.latent;
    built_beta = options.beta.at(0, 1);
  }
};

const VariantTypeOf<Vae> kVae("vae", "1.0.0", "Variational autoencoder");
const std::vector<std::string> kShared{"encoder", "decoder"};

// The faults of a model section, one a line.
std::string faults(const std::string& yaml) {
  config::Problems problems;
  const auto variant = kVae.read(config::parse_text(yaml, "x.yaml"), kShared, problems);
  CHECK((variant == nullptr) == !problems.empty());
  return problems.to_text();
}

}  // namespace

TEST_SUITE("plugin/variant_type") {
  TEST_CASE("a variant's class gives keys and documentation") {
    CHECK(kVae.keys() == std::vector<std::string>{"latent", "beta"});
    const std::vector<OptionRow> rows = kVae.document();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].name == "latent");
    CHECK(rows[0].standard == "20");
    CHECK(rows[1].meaning == "weight of the KL term");
  }

  TEST_CASE("options reach build, and are written with their defaults") {
    config::Problems problems;
    const auto variant = kVae.read(
        config::parse_text("latent: 3\nencoder: [{dense: 400}]", "x.yaml"), kShared, problems);
    REQUIRE(variant != nullptr);
    variant->build(no_model());
    CHECK(built_latent == 3);
    CHECK(built_beta == 1.0);
    CHECK(config::emit(variant->resolved()) == "latent: 3\nbeta: 1.0\n");
  }

  TEST_CASE("a model section that was left out gives the defaults") {
    config::Problems problems;
    const auto variant = kVae.read(config::Node(), kShared, problems);
    REQUIRE(variant != nullptr);
    CHECK(config::emit(variant->resolved()) == "latent: 20\nbeta: 1.0\n");
  }

  TEST_CASE("all faults are reported at once, and shared keys count as valid names") {
    CHECK(faults("latent: 0\nbeat: 1\nencodr: []\ndecoder: mirror") ==
          "x.yaml:1:9: model.latent must be >= 1, got 0\n"
          "x.yaml:2:1: unknown key \"beat\" in model; did you mean \"beta\"?\n"
          "x.yaml:3:1: unknown key \"encodr\" in model; did you mean \"encoder\"?");
    CHECK(faults("beta: {linear: [0, -1], epochs: 2}") != "");
    CHECK(faults("weight: 1") ==
          "x.yaml:1:1: unknown key \"weight\" in model; valid: latent, beta, "
          "encoder, decoder");
    CHECK(faults("latent: 2").empty());
  }

  TEST_CASE("a model section that is no map is refused") {
    CHECK(faults("[1, 2]") == "x.yaml:1:1: model must be a map of options, got [1, 2]");
  }
}
