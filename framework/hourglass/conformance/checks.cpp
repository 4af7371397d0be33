#include <hourglass/conformance/checks.hpp>

namespace hourglass {

std::span<const Check> conformance_checks() {
  static constexpr Check kAll[] = {
      {"loading", "it can be loaded, and says of itself what its file says", check_loading, true},
      {"options", "every option has a meaning, and a default within its range",
       check_options_are_complete},
      {"experiment", "it takes the experiment that it is tried in", check_it_can_be_tried, true},
      {"gradients", "the gradient of every loss is its slope", check_gradients_agree},
      {"parameters", "a gradient reaches every parameter, and a train step moves it",
       check_parameters_move},
      {"learning", "a short training beats the mean sample", check_it_learns},
      {"uses", "codes can be made, decoded and drawn, and its own measures taken", check_uses},
      {"batches", "what a sample gives does not depend on its batch", check_batches_can_be_split},
      {"repeatable", "equal trainings leave equal bytes", check_it_is_repeatable},
      {"resume", "a resumed training leaves the bytes of an unbroken one", check_it_resumes},
      {"random-options", "random options within their ranges train, or are refused",
       check_random_options},
      {"edge-options", "options at the ends of their ranges train, or are refused",
       check_options_at_their_ends},
      {"bad-input", "a sample that is not a number stops training, and is named", check_bad_input},
      {"threads", "one thread and two come to the same", check_threads},
      {"leaks", "neither steps nor models leave memory behind", check_leaks},
  };
  return kAll;
}

}  // namespace hourglass
