#include <cli/commands.hpp>
#include <cli/trained_output.hpp>

namespace hourglass::cli {

namespace {

int run_reconstruct(const Arguments& arguments) {
  return write_trained(arguments, "reconstruct", write_reconstructions);
}

}  // namespace

Command reconstruct_command() {
  return {.name = "reconstruct",
          .words = "RUN|CHECKPOINT INPUT --output FILE.h5",
          .summary = "write samples as a trained model gives them back",
          .details = trained_details() +
                     "\nThe output's dataset reconstructions [samples, features...] is in the "
                     "model's scale; its\nattributes scale and offset lead back to the input's.",
          .least_words = 2,
          .most_words = 2,
          .options = trained_options(),
          .run = run_reconstruct};
}

}  // namespace hourglass::cli
