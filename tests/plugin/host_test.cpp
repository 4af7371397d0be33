#include <hourglass/core/error.hpp>
#include <hourglass/plugin/build_id.hpp>
#include <hourglass/plugin/host.hpp>

#include <support/places.hpp>
#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>
#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using namespace hourglass;
namespace fs = std::filesystem;

namespace {

const fs::path kFixtures = HOURGLASS_TEST_PLUGINS;

// An empty folder for plugins.
class Folder : public ScratchFolder {
 public:
  fs::path with(const std::string& fixture) const { return with(fixture, fixture); }
  fs::path with(const std::string& fixture, const std::string& name) const {
    fs::copy_file(kFixtures / fixture, *this / name);
    return *this / name;
  }
};

// The PluginError with which a plugin is refused that the user named.
std::string host_refusal(const fs::path& file) {
  try {
    const PluginHost host({file}, {});
    return "";
  } catch (const PluginError& error) {
    return error.what();
  }
}

std::string fixture(const char* name) { return (kFixtures / name).native(); }

}  // namespace

TEST_SUITE("plugin/host") {
  TEST_CASE("listing a folder runs no plugin's code, asking for a variant does") {
    const Folder folder;
    const fs::path file = folder.with("good.so");
    unsetenv("HOURGLASS_TEST_GOOD_IS_LOADED");
    PluginHost host({}, {folder.path()});
    CHECK(host.names() == std::vector<std::string>{"good"});
    CHECK(host.plugins()[0].path == file);
    CHECK(host.plugins()[0].note.description == "A variant for tests");
    CHECK(host.refusals().empty());
    CHECK(std::getenv("HOURGLASS_TEST_GOOD_IS_LOADED") == nullptr);

    const VariantType& variant = host.variant("good");
    CHECK(std::getenv("HOURGLASS_TEST_GOOD_IS_LOADED") != nullptr);
    CHECK(variant.name() == "good");
    CHECK(variant.version() == "1.2.3");
    CHECK(variant.description() == "A variant for tests");
    CHECK(&host.variant("good") == &variant);
  }

  TEST_CASE("a plugin that the user names is found, by a relative path too") {
    const Folder folder;
    folder.with("good.so");
    const fs::path before = fs::current_path();
    fs::current_path(folder.path());
    PluginHost host({"good.so"}, {});
    fs::current_path(before);
    CHECK(host.variant("good").name() == "good");
  }

  TEST_CASE("each fault of a plugin that the user names has its sentence") {
    const std::string rebuild = "; rebuild the plugin with this build's headers";
    CHECK(host_refusal(fixture("no_note.so")) ==
          fixture("no_note.so") +
              ": a shared library without a plugin's note; a plugin has HOURGLASS_PLUGIN(...) in "
              "one source file");
    CHECK(host_refusal(fixture("no_entry.so")) ==
          fixture("no_entry.so") +
              ": has no entry point \"hourglass_plugin\"; write HOURGLASS_PLUGIN(...) in one of "
              "its source files");
    CHECK(host_refusal(fixture("wrong_api.so")) ==
          fixture("wrong_api.so") +
              ": built for plugin API 2, this build supports 1; rebuild the plugin");
    CHECK(host_refusal(fixture("other_build.so")) ==
          fixture("other_build.so") +
              ": built for another build of Hourglass (0.0.1), this build is "
              "(" HOURGLASS_BUILD_ID ")" +
              rebuild);
    CHECK(host_refusal(fixture("other_name.so")) ==
          fixture("other_name.so") +
              ": its note gives the name \"other_name\", its descriptor \"somebody_else\"" +
              rebuild);
    CHECK(host_refusal(fixture("other_api.so")) ==
          fixture("other_api.so") + ": its descriptor is for plugin API 7, this build supports 1" +
              rebuild);
    CHECK(host_refusal(fixture("no_descriptor.so")) ==
          fixture("no_descriptor.so") + ": its entry point returned no descriptor" + rebuild);
    CHECK(host_refusal(fixture("no_variant.so")) ==
          fixture("no_variant.so") +
              ": registering its variant failed: it added no variant; correct the plugin");
    CHECK(host_refusal(fixture("wrong_variant.so")) ==
          fixture("wrong_variant.so") +
              ": registering its variant failed: plugin \"wrong_variant\" added a variant named "
              "\"nothing\"; correct the plugin");
    CHECK(host_refusal(fixture("throws.so")) ==
          fixture("throws.so") +
              ": registering its variant failed: no luck today; correct the plugin");
    CHECK(host_refusal(fixture("throws_number.so")) ==
          fixture("throws_number.so") +
              ": registering its variant failed: it threw something that is no std::exception; "
              "correct the plugin");
    CHECK(host_refusal(fixture("unresolved.so")) ==
          fixture("unresolved.so") +
              ": cannot be opened: undefined symbol: hourglass_test_function_that_does_not_exist; "
              "link what is missing, or rebuild the plugin");
  }

  TEST_CASE(
      "a plugin that crashes, exits or hangs when it is loaded is refused, and the rest goes on") {
    const std::string correct = "; correct what its code does when it is loaded";
    CHECK(host_refusal(fixture("crashes.so")) ==
          fixture("crashes.so") + ": loading it crashes: Killed" + correct);
    CHECK(host_refusal(fixture("exits.so")) ==
          fixture("exits.so") + ": loading it ends the program with exit code 0" + correct);
    const Folder folder;
    folder.with("good.so");
    folder.with("hangs.so");
    PluginHost host({}, {folder.path()});
    CHECK_THROWS_WITH_AS(host.variant("hangs"),
                         (folder.path().native() +
                          "/hangs.so: loading it does not come back within 10 seconds" + correct)
                             .c_str(),
                         PluginError);
    CHECK(host.variant("good").name() == "good");
  }

  TEST_CASE("a truncated plugin is refused before the system maps it") {
    const Folder folder;
    const fs::path file = folder.with("good.so");
    fs::resize_file(file, 8192);
    const std::string message = host_refusal(file);
    CAPTURE(message);
    CHECK(message.starts_with(file.native() + ": damaged: its segment ("));
    CHECK(message.ends_with(") lies outside the file's 8192 bytes; build or copy it again"));
  }

  TEST_CASE("a file that the user names and that is not there is missing data") {
    CHECK_THROWS_WITH_AS(PluginHost({"/nowhere/x.so"}, {}),
                         "/nowhere/x.so: No such file or directory; name a plugin's shared library",
                         DataError);
  }

  TEST_CASE("a broken file in a folder is passed over until its variant is wanted") {
    const Folder folder;
    folder.with("good.so");
    const fs::path broken = folder.put("broken.so", "not a library");
    const fs::path other = folder.with("other_build.so");
    folder.put("notes.txt", "no plugin at all");
    PluginHost host({}, {folder.path()});
    CHECK(host.names() == std::vector<std::string>{"good"});
    REQUIRE(host.refusals().size() == 2);
    CHECK(host.refusals()[0].path == broken);
    CHECK(host.refusals()[0].name == "broken");
    CHECK(host.refusals()[0].message ==
          broken.native() +
              ": not a shared library: it does not begin as an ELF file; name a file that "
              "hourglass_add_plugin built");
    CHECK(host.refusals()[1].path == other);
    CHECK(host.variant("good").name() == "good");
    CHECK_THROWS_WITH_AS(host.variant("broken"), host.refusals()[0].message.c_str(), PluginError);
    CHECK_THROWS_WITH_AS(host.variant("other_build"), host.refusals()[1].message.c_str(),
                         PluginError);
  }

  TEST_CASE("a broken file does not hide a good one that another folder holds") {
    const Folder first;
    const Folder second;
    first.put("good.so", "not a library");
    second.with("good.so");
    PluginHost host({}, {first.path(), second.path()});
    CHECK(host.refusals().size() == 1);
    CHECK(host.variant("good").name() == "good");
  }

  TEST_CASE("two files with one variant are both of no use") {
    const Folder folder;
    const fs::path first = folder.with("good.so");
    const fs::path second = folder.with("good_twin.so");
    const std::string message = second.native() + ": variant \"good\" is already provided by " +
                                first.native() +
                                "; remove one of the two files, or rename its variant";
    PluginHost host({}, {folder.path()});
    REQUIRE(host.refusals().size() == 1);
    CHECK(host.refusals()[0].message == message);
    CHECK(host.refusals()[0].duplicate);
    CHECK_THROWS_WITH_AS(host.variant("good"), message.c_str(), PluginError);
    CHECK_THROWS_WITH_AS(PluginHost({first, second}, {}), message.c_str(), PluginError);
    CHECK_THROWS_WITH_AS(PluginHost({first}, {folder.path()}), message.c_str(), PluginError);
  }

  TEST_CASE("one file that is reached in two ways is one plugin") {
    const Folder folder;
    const Folder links;
    const fs::path file = folder.with("good.so");
    fs::create_symlink(file, links.path() / "link.so");
    PluginHost host({file}, {folder.path(), links.path()});
    CHECK(host.refusals().empty());
    CHECK(host.variant("good").name() == "good");
  }

  TEST_CASE("host: an unknown variant gets the nearest name") {
    const Folder folder;
    folder.with("good.so");
    PluginHost host({}, {folder.path()});
    CHECK_THROWS_WITH_AS(host.variant("goood"), "unknown variant \"goood\"; did you mean \"good\"?",
                         ConfigError);
    CHECK_THROWS_WITH_AS(host.variant("quite another"),
                         "unknown variant \"quite another\"; valid: good; one of your own is named "
                         "by --plugin, or its folder by HOURGLASS_PLUGIN_PATH",
                         ConfigError);
    PluginHost empty({}, {});
    CHECK_THROWS_WITH_AS(empty.variant("good"),
                         "unknown variant \"good\": no plugins were found; name their folder in "
                         "HOURGLASS_PLUGIN_PATH, or a file with --plugin",
                         ConfigError);
  }

  TEST_CASE("a folder that cannot be searched is reported") {
    const PluginHost host({}, {"/nowhere/plugins"});
    REQUIRE(host.refusals().size() == 1);
    CHECK(host.refusals()[0].name == "");
    CHECK(host.refusals()[0].message ==
          "/nowhere/plugins: cannot be searched for plugins: No such file or directory");
  }

  TEST_CASE("folders of the environment come after the program's own") {
    setenv("HOURGLASS_PLUGIN_PATH", ":/one::/two", 1);
    std::vector<fs::path> folders = plugin_folders();
    unsetenv("HOURGLASS_PLUGIN_PATH");
    REQUIRE(folders.size() >= 2);
    CHECK(folders[folders.size() - 2] == "/one");
    CHECK(folders.back() == "/two");
    CHECK(plugin_folders().size() == folders.size() - 2);
  }
}
