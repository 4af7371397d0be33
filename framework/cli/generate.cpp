#include <cli/commands.hpp>
#include <cli/terminal.hpp>
#include <cli/trained_output.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/experiment/generated.hpp>
#include <hourglass/storage/png.hpp>

#include <optional>

namespace hourglass::cli {

namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw UsageError(text("hourglass generate: ", why));
}

GenerateRequest request_of(const Arguments& arguments) {
  if (arguments.output.empty()) refuse("--output FILE.h5|FILE.png is missing: the file to write");
  if (arguments.count == kNoNumber) refuse("--count N is missing: how many samples to generate");
  if (arguments.count < 1) refuse(text("--count must be at least 1, got ", arguments.count));
  if (arguments.components < 1) {
    refuse(text("--components must be at least 1, got ", arguments.components));
  }
  if (arguments.seed != kNoNumber && arguments.seed < 0) {
    refuse(text("--seed must be at least 0, got ", arguments.seed));
  }
  GenerateRequest request{.count = arguments.count, .from = {}, .components = arguments.components};
  if (!arguments.from.empty()) {
    try {
      request.from = code_source_named(arguments.from);
    } catch (const ConfigError& error) {
      refuse(text("--from: ", error.what()));
    }
  }
  return request;
}

int run_generate(const Arguments& arguments) {
  const GenerateRequest request = request_of(arguments);
  const std::string& path = arguments.words[0];
  const bool picture = std::filesystem::path(arguments.output).extension() == ".png";
  check_output(arguments.output, path);
  Environment environment(arguments);
  std::optional<std::int64_t> seed;
  if (arguments.seed != kNoNumber) seed = arguments.seed;
  Trained trained = open_trained(path, environment.surroundings(), seed);
  if (picture) check_picture(trained, request.count);
  const GeneratedSamples samples = generate_samples(trained, path, request);
  for (const std::string& note : trained.notes) print_message(note);
  if (picture) {
    png::write(arguments.output, picture_of(samples, trained), kPictureMaker);
  } else {
    write_generated(samples, trained, arguments.output);
  }
  print(text(arguments.output, ": ", counted(request.count, "sample"), " drawn from ",
             samples.drawn.drawn_from, "\n"));
  return 0;
}

}  // namespace

Command generate_command() {
  return {.name = "generate",
          .words = "RUN|CHECKPOINT --count N --output FILE.h5|FILE.png",
          .summary = "write samples that a trained model makes of codes drawn at random",
          .details =
              "Codes come from the variant's prior, where it has one. What gaussian (a normal\n"
              "distribution with full covariance), mixture (several of them) and box (uniform from "
              "the least\nto the greatest of each dimension) are fitted to are the codes of the "
              "training split in the\nrun's latents.h5.\n"
              "\nThe output's dataset samples [count, features...] is in the model's scale; its "
              "attributes\nscale and offset lead back to the file's. Beside it are the codes. A "
              ".png file shows images as\na sheet.",
          .least_words = 1,
          .most_words = 1,
          .options = {{"count", "N", "how many samples", &Arguments::count},
                      {"output", "FILE", "the file to write: .png for a picture, else HDF5",
                       &Arguments::output},
                      {"from", "SOURCE",
                       "prior, gaussian, mixture or box; default: prior, where there is one, else "
                       "gaussian",
                       &Arguments::from},
                      {"components", "N", "of a mixture; default: 10", &Arguments::components},
                      {"seed", "N", "of the draws; default: the run's", &Arguments::seed},
                      threads_option(),
                      plugin_option()},
          .run = run_generate};
}

}  // namespace hourglass::cli
