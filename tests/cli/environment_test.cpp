#include <cli/environment.hpp>

#include <doctest/doctest.h>
#include <storage/scratch_folder.hpp>

using namespace hourglass;

TEST_SUITE("cli/environment") {
  TEST_CASE("an option's error stands at its place, or at the nearest thing around it") {
    ScratchFolder folder;
    const std::string file =
        folder.put("a.yaml", "dataset: glyphs\nvariant: vanilla\nmodel: {encoder: [{dense: 3}]}\n");
    const auto place = [&](const std::string& option, const std::vector<std::string>& set = {}) {
      const std::string message = cli::located(OptionError(option, "is bad"), file, set).what();
      return message.substr(0, message.find(": " + option + " is bad"));
    };
    CHECK(place("model.encoder.0.dense") == file + ":3:27");
    CHECK(place("model.encoder.5.dense") == file + ":3:18");
    CHECK(place("model.loss") == file + ":3:8");
    CHECK(place("model.loss", {"model.loss=x"}) == "--set model.loss=x");
    CHECK(place("dataset.name") == file + ":1:10");
    CHECK(place("freeze") == file + ":2:10");
  }
}
