#include <doctest/doctest.h>
#include <csignal>
#include <support/places.hpp>
#include <support/program.hpp>

TEST_SUITE("cli/main") {
  TEST_CASE("every command explains itself on standard output") {
    for (const char* command : {"run", "check", "init", "encode", "reconstruct", "generate",
                                "score", "plugins", "datasets", "info"}) {
      CAPTURE(command);
      for (const auto& arguments :
           {std::vector<std::string>{command, "--help"}, std::vector<std::string>{"-h", command}}) {
        const Finished help = hourglass_command(arguments);
        CHECK(help.code == 0);
        CHECK(help.out.starts_with(std::string("usage: hourglass ") + command));
        CHECK(contains(help.out, "--help"));
        CHECK(help.err.empty());
      }
      CHECK(contains(hourglass_command({"--help"}).out, std::string("\n  ") + command + " "));
    }
  }

  TEST_CASE("every exit code is told of") {
    const std::string help = hourglass_command({"--help"}).out;
    for (const char* code : {"0 done", "2 usage", "3 a file", "4 training", "5 plugin",
                             "6 interrupted", "1 all else", "second Ctrl-C", "130"}) {
      CAPTURE(code);
      CHECK(contains(help, code));
    }
  }

  TEST_CASE("an experiment that comes with the program is found for who has not its folder") {
    const ScratchFolder folder;
    for (const char* command : {"run", "check", "sweep"}) {
      CAPTURE(command);
      const Finished shipped =
          hourglass_command(folder.path(), {command, "experiments/sweeps/variants-glyphs.yaml"});
      CHECK(shipped.code == 3);
      CHECK(shipped.err.starts_with(
          "experiments/sweeps/variants-glyphs.yaml: there is no such file; the one that comes with "
          "Hourglass is /"));
      CHECK(contains(shipped.err, "/experiments/sweeps/variants-glyphs.yaml\n"));
      const Finished other = hourglass_command(folder.path(), {command, "../experiments/a.yaml"});
      CHECK(other.code == 3);
      CHECK(other.err == "../experiments/a.yaml: there is no such file\n");
    }
  }

  TEST_CASE("a measure that throws is named") {
    ScratchFolder folder;
    folder.put("a.yaml",
               "{name: a, dataset: {name: glyphs, limit: 100}, variant: faulty, train: {epochs: "
               "1}, evaluate: [spread]}");
    const Finished failed = hourglass_command(
        folder.path(),
        {"run", "a.yaml", "--plugin", HOURGLASS_TEST_PLUGINS "/conformance/faulty.so"},
        {"HOURGLASS_TEST_FAULT=measure"});
    CHECK(failed.code == 1);
    CHECK(contains(failed.err, "measure spread: no luck"));
  }

#if !defined(__SANITIZE_ADDRESS__)  // which reports crashes itself
  TEST_CASE("a crash is told of before it ends the program") {
    ScratchFolder folder;
    folder.put("a.yaml",
               "{name: a, dataset: {name: glyphs, limit: 100}, variant: faulty, train: {epochs: "
               "1}}");
    const Finished crashed = hourglass_command(
        folder.path(),
        {"run", "a.yaml", "--plugin", HOURGLASS_TEST_PLUGINS "/conformance/faulty.so"},
        {"HOURGLASS_TEST_FAULT=crash"});
    CHECK(crashed.code == -SIGABRT);
    CHECK(contains(crashed.err, "hourglass has crashed (SIGABRT). "));
    CHECK(contains(crashed.err, "plugin-check"));
  }
#endif

  TEST_CASE("the bare command shows its help as a message and is a usage error") {
    const Finished bare = hourglass_command({});
    CHECK(bare.code == 2);
    CHECK(bare.out.empty());
    CHECK(bare.err.starts_with("usage: hourglass COMMAND"));
  }

  TEST_CASE("the version stands alone on a line") {
    const Finished version = hourglass_command({"--version"});
    CHECK(version.code == 0);
    CHECK(version.out.starts_with("hourglass 0."));
    CHECK(version.out.find('\n') == version.out.size() - 1);
  }

  TEST_CASE("an unknown command gets the nearest name, or all of them") {
    const Finished near = hourglass_command({"chek", "a.yaml"});
    CHECK(near.code == 2);
    CHECK(near.err ==
          "hourglass: unknown command \"chek\"; did you mean \"check\"?\nsee: hourglass --help\n");
    CHECK(contains(hourglass_command({"polish"}).err,
                   "; valid: run, sweep, compare, check, init, encode, reconstruct, generate, "
                   "score, plugins, new-plugin, plugin-check, datasets, info"));
  }

  TEST_CASE("an unknown option gets the nearest name wherever it stands") {
    const Finished after = hourglass_command({"run", "a.yaml", "--resum"});
    CHECK(after.code == 2);
    CHECK(after.err ==
          "hourglass run: unknown option \"--resum\"; did you mean \"--resume\"?\n"
          "see: hourglass run --help\n");
    const Finished before = hourglass_command({"--resum", "run", "a.yaml"});
    CHECK(before.code == 2);
    CHECK(before.err == after.err);
    CHECK(contains(hourglass_command({"check", "a.yaml", "--outptu=x"}).err,
                   "unknown option \"--outptu\""));
    CHECK(hourglass_command({"--versio"}).code == 2);
    // Its value looks like a command.
    CHECK(hourglass_command({"--outptu", "x", "run", "a.yaml"}).err ==
          "hourglass: unknown option \"--outptu\"; did you mean \"--output\"?\n"
          "see: hourglass --help\n");
  }

  TEST_CASE("an option of another command is unknown") {
    CHECK(contains(hourglass_command({"check", "a.yaml", "--resume"}).err,
                   "hourglass check: unknown option \"--resume\""));
  }

  TEST_CASE("too few and too many words are usage errors") {
    const Finished few = hourglass_command({"encode", "runs/a"});
    CHECK(few.code == 2);
    CHECK(contains(
        few.err,
        "hourglass encode: wants RUN|CHECKPOINT INPUT --output FILE.h5, got only \"runs/a\"\n"));
    const Finished many = hourglass_command({"run", "a.yaml", "b.yaml"});
    CHECK(many.code == 2);
    CHECK(contains(many.err, "hourglass run: unexpected \"b.yaml\"; it wants EXPERIMENT.yaml\n"));
  }

  TEST_CASE("values that are missing, repeated or out of range are usage errors") {
    CHECK(hourglass_command({"run", "a.yaml", "--output"}).code == 2);
    CHECK(hourglass_command({"run", "a.yaml", "--output", "a", "--output", "b"}).code == 2);
    CHECK(hourglass_command({"run", "a.yaml", "--threads", "two"}).code == 2);
    for (const char* count : {"0", "-1", "1025"}) {
      const Finished child =
          hourglass_command({"run", "a.yaml", std::string("--threads=") + count});
      CHECK(child.code == 2);
      CHECK(contains(child.err, std::string("--threads must be in [1, 1024], got ") + count));
    }
  }

  TEST_CASE("an instruction set that nobody knows is a usage error") {
    const Finished child = hourglass_command("/tmp", {"plugins"}, {"HOURGLASS_ISA=avx2"});
    CHECK(child.code == 2);
    CHECK(child.err == "HOURGLASS_ISA must be v2, v3 or v4, got \"avx2\"\n");
    CHECK(hourglass_command("/tmp", {"plugins"}, {"HOURGLASS_ISA="}).code == 0);
  }

  TEST_CASE("results that cannot be written are a failure") {
    if (!std::filesystem::exists("/dev/full")) return;
    const Finished full =
        ChildProcess({"/bin/sh", "-c", std::string(HOURGLASS_PROGRAM) + " --help >/dev/full"},
                     "/tmp")
            .wait();
    CHECK(full.code == 1);
    CHECK(contains(full.err, "standard output cannot be written"));
  }
}
