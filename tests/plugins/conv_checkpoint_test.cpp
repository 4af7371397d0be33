// Checkpoints of the variant beside PyTorch's layers; see tests/golden/make_conv_checkpoint.py.
#include <hourglass/core/text.hpp>
#include <hourglass/storage/h5_file.hpp>
#include <hourglass/train/checkpoint.hpp>

#include <doctest/doctest.h>
#include <support/golden_tensors.hpp>
#include <support/models.hpp>
#include <support/scratch_folder.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace hourglass {

namespace {

ModelSetup setup() {
  return test::setup_of("conv",
                        "{encoder: [{conv: {channels: 4, kernel: 4, stride: 2}, activation: relu},"
                        " {conv: 6}, {batchnorm: {}, activation: relu}, {maxpool: 2}], latent: 5}",
                        {2, 8, 12}, {.least = 0, .greatest = 1});
}

}  // namespace

TEST_SUITE("plugins/conv_checkpoint") {
  TEST_CASE("weights in a checkpoint reconstruct as they do in PyTorch's layers") {
    std::map<std::string, Tensor> golden =
        test::golden_tensors("conv_checkpoint.txt", "conv-checkpoint");
    const Tensor x = golden.at("x"), y = golden.at("y");
    golden.erase("x");
    golden.erase("y");

    // Into a model whose training has put its weights into blocks, and from there into a file.
    Model written(setup());
    written.train(3);
    for (const auto& [path, weight] : golden) {
      CAPTURE(path);
      Variable* variable = written.variables().find(path);
      REQUIRE(variable != nullptr);
      REQUIRE(variable->shape() == weight.shape());
      variable->write(weight);
    }
    ScratchFolder scratch;
    write_checkpoint(scratch / "a.h5", written, {"conv", "1.0.0", "name: made\n"}, {});

    // The file has PyTorch's layers with their arrays, and no others.
    const hdf5::Reader file(scratch / "a.h5");
    std::size_t found = 0;
    for (const char* group : {"parameters", "variables"}) {
      for (const std::string& path : file.list(group)) {
        CAPTURE(path);
        REQUIRE(golden.contains(path));
        const Tensor weight = file.read(text(group, "/", path));
        CHECK(weight.shape() == golden.at(path).shape());
        CHECK(std::ranges::equal(weight.floats(), golden.at(path).floats()));
        ++found;
      }
    }
    CHECK(found == golden.size());

    Model read(setup());
    read.parameter_count();
    read_weights(scratch / "a.h5", read);
    for (Model* model : {&read, &written}) {
      const std::vector<float> ours = test::reconstructions(*model, x);
      REQUIRE(std::ssize(ours) == y.size());
      for (std::size_t i = 0; i < ours.size(); ++i) {
        CAPTURE(i);
        REQUIRE(std::abs(ours[i] - y.floats()[i]) <= 1e-5f);
      }
    }
  }
}

}  // namespace hourglass
