#include <doctest/doctest.h>
#include <support/program.hpp>
#include <support/scratch_folder.hpp>

TEST_SUITE("cli/plugins") {
  TEST_CASE("the list has a line for each variant") {
    const Finished list = hourglass_command({"plugins"});
    CHECK(list.code == 0);
    CHECK(list.out.starts_with("name "));
    CHECK(contains(list.out, "\nvanilla "));
    CHECK(contains(list.out, "Autoencoder with a deterministic code"));
    CHECK(contains(list.out, "vanilla.so\n"));
  }

  TEST_CASE("a variant's options come with type, default, range and meaning") {
    const Finished options = hourglass_command({"plugins", "vanilla"});
    CHECK(options.code == 0);
    CHECK(options.out.starts_with("vanilla 1.0.0: Autoencoder with a deterministic code\n\n"));
    CHECK(contains(options.out, "\noption "));
    CHECK(contains(options.out, "\nlatent "));
    CHECK(contains(options.out, "size of the code"));
    CHECK(contains(options.out, "\nencoder"));
    CHECK(contains(options.out, "\ninitializer"));
    for (std::size_t at = 0; at < options.out.size();) {
      const std::size_t end = options.out.find('\n', at);
      CHECK(end - at <= 120);
      at = end + 1;
    }
  }

  TEST_CASE("plugins: an unknown variant gets the nearest name") {
    const Finished unknown = hourglass_command({"plugins", "vanila"});
    CHECK(unknown.code == 2);
    CHECK(unknown.err == "unknown variant \"vanila\"; did you mean \"vanilla\"?\n");
  }

  TEST_CASE("refused files are told of, and do not hide the others") {
    ScratchFolder folder;
    folder.put("broken.so", "not a library");
    const std::vector<std::string> path = {"HOURGLASS_PLUGIN_PATH=" + folder.path().string()};
    const Finished list = hourglass_command(folder.path(), {"plugins"}, path);
    CHECK(list.code == 0);
    CHECK(contains(list.out, "\nvanilla "));
    CHECK(contains(list.err, "broken.so"));
    CHECK(hourglass_command(folder.path(), {"plugins", "broken"}, path).code == 5);
  }
}
