#include <cli/commands.hpp>
#include <cli/trained_output.hpp>

namespace hourglass::cli {

namespace {

int run(const Arguments& arguments) { return write_trained(arguments, "encode", write_codes); }

}  // namespace

Command encode_command() {
  return {.name = "encode",
          .words = "RUN|CHECKPOINT INPUT",
          .summary = "write the codes of samples, as a trained model gives them",
          .details =
              "INPUT is a file of samples, or a data set's name (its test split). The file "
              "has one\ndataset, codes [samples, latent].",
          .least_words = 2,
          .most_words = 2,
          .options = trained_options(),
          .run = run};
}

}  // namespace hourglass::cli
