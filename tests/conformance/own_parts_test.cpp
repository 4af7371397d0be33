// What a plugin brings with it besides its variant: a measure, and an operation.
#include <hourglass/plugin/host.hpp>
#include <hourglass/plugin/metric.hpp>

#include <doctest/doctest.h>
#include <support/program.hpp>
#include <support/runs.hpp>
#include <support/scratch_folder.hpp>

using namespace hourglass;

namespace {

constexpr const char* kFaulty = HOURGLASS_TEST_PLUGINS "/conformance/faulty.so";

std::string experiment_with(const std::string& measures) {
  return "name: own\n"
         "dataset: {name: glyphs, limit: 200}\n"
         "variant: faulty\n"
         "train: {epochs: 1, batch: 50}\n"
         "evaluate: " +
         measures + "\n";
}

Finished run_own(const ScratchFolder& folder, const std::string& measures) {
  folder.put("own.yaml", experiment_with(measures));
  return hourglass_command(folder.path(), {"run", "own.yaml", "--plugin", kFaulty});
}

}  // namespace

TEST_SUITE("conformance/own_parts") {
  TEST_CASE("experiments of a variant can name the measures that it brings") {
    const ScratchFolder folder;
    const Finished run = run_own(folder, "[reconstruction, {spread: {unit: 2}}]");
    CAPTURE(run.err);
    REQUIRE(run.code == 0);
    CHECK(contains(testing::read_all(folder / "runs/own-1/result.yaml"), "test/spread/mean_size"));
    CHECK(contains(testing::read_all(folder / "runs/own-1/experiment.yaml"), "unit: 2"));
    const Finished compared =
        hourglass_command(folder.path(), {"compare", "runs/own-1", "--metric", "spread/mean_size"});
    CHECK(contains(compared.out, "test/spread/mean_size (lower is better)"));
  }

  TEST_CASE("the measures that a variant brings are listed with its options") {
    const Finished listed = hourglass_command({"plugins", "faulty", "--plugin", kFaulty});
    CHECK(contains(listed.out, "measure spread: how far codes lie from zero"));
    CHECK(contains(listed.out, "what distances are counted in"));
  }

  TEST_CASE("a measure of a variant is checked like any other, and is not there for others") {
    const ScratchFolder folder;
    const Finished wrong = run_own(folder, "[{spread: {unit: 0}}]");
    CHECK(wrong.code == 2);
    CHECK(contains(wrong.err, "own.yaml:5:28: evaluate.0.spread.unit must be > 0, got 0"));
    const Finished near = run_own(folder, "[spred]");
    CHECK(near.code == 2);
    CHECK(contains(near.err, "did you mean \"spread\"?"));
    folder.put("other.yaml",
               "name: other\ndataset: {name: glyphs, limit: 200}\nvariant: vanilla\n"
               "evaluate: [spread]\n");
    const Finished other = hourglass_command(folder.path(), {"check", "other.yaml"});
    CHECK(other.code == 2);
    CHECK(contains(other.err, "unknown name \"spread\" for evaluate.0"));
  }
}
