#include <cli/commands.hpp>
#include <cli/trained_output.hpp>

namespace hourglass::cli {

namespace {

int run_encode(const Arguments& arguments) {
  return write_trained(arguments, "encode", write_codes);
}

}  // namespace

Command encode_command() {
  return {.name = "encode",
          .words = "RUN|CHECKPOINT INPUT --output FILE.h5",
          .summary = "write the codes of samples, as a trained model gives them",
          .details = trained_details() +
                     "\nThe output's dataset codes [samples, code size] is in the input's order.",
          .least_words = 2,
          .most_words = 2,
          .options = trained_options(),
          .run = run_encode};
}

}  // namespace hourglass::cli
