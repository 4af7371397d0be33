#include <cli/commands.hpp>
#include <cli/trained_output.hpp>

namespace hourglass::cli {

namespace {

int run(const Arguments& arguments) {
  return write_trained(arguments, "reconstruct", write_reconstructions);
}

}  // namespace

Command reconstruct_command() {
  return {.name = "reconstruct",
          .words = "RUN|CHECKPOINT INPUT",
          .summary = "write samples as a trained model gives them back",
          .details =
              "INPUT is a file of samples, or a data set's name (its test split). The file "
              "has the\ndataset reconstructions [samples, features...] in the model's "
              "scale; its attributes scale\nand offset lead back to the input's.",
          .least_words = 2,
          .most_words = 2,
          .options = trained_options(),
          .run = run};
}

}  // namespace hourglass::cli
