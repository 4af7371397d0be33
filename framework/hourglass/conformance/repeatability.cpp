#include <hourglass/conformance/checks.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/forked.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/plugin/metric.hpp>

#include <cmath>
#include <cstdlib>
#include <sstream>

namespace hourglass {

namespace {

constexpr int kEpochs = 2;
/// Of what an epoch comes to: rounding that goes with the number of threads may tip a choice.
constexpr double kThreadTolerance = 2e-2;
constexpr const char* kNotRepeatable =
    "two equal trainings differ already; see what \"repeatable\" says";

std::string bytes_of_training(const Trial& trial, const std::string& folder) {
  TrialTraining training(trial, folder);
  training.train_to(kEpochs);
  return training.bytes();
}

/// The first variable of two trainings that differs, named.
std::string first_difference(TrialTraining& a, TrialTraining& b) {
  const auto& all = a.model().variables().all();
  for (const auto& variable : all) {
    const Variable* other = b.model().variables().find(variable->path());
    if (other == nullptr) return variable->path();
    const Tensor x = variable->read(), y = other->read();
    if (!std::ranges::equal(x.floats(), y.floats())) return variable->path();
  }
  return "";
}

std::string codes_of(TrialTraining& training) {
  std::string bytes;
  const Source& source = training.data().train();
  const auto size = static_cast<std::size_t>(training.model().code_shape().size());
  training.model().encode(
      source, split_number("train"),
      [&](std::span<const std::uint32_t> indices, const float*, const float* code) {
        bytes.append(reinterpret_cast<const char*>(code), indices.size() * size * sizeof(float));
      });
  return bytes;
}

/// The sums of the sizes of a few codes.
NamedNumbers code_sizes(TrialTraining& training) {
  constexpr std::size_t kCodes = 8;
  NamedNumbers sizes;
  const auto size = static_cast<std::size_t>(training.model().code_shape().size());
  training.model().encode(
      training.data().train(), split_number("train"),
      [&](std::span<const std::uint32_t> indices, const float*, const float* code) {
        for (std::size_t i = 0; i < indices.size() && sizes.size() < kCodes; ++i) {
          double sum = 0;
          for (std::size_t k = 0; k < size; ++k) sum += std::abs(double{code[i * size + k]});
          sizes.emplace_back(text("size of code ", sizes.size()), sum);
        }
      });
  return sizes;
}

/// What so many threads make of the samples before any training, and the losses that a training
/// comes to, a line each.
std::string numbers_of_training(TrialRequest request, int threads) {
  request.threads = threads;
  const Trial trial(request);
  TrialTraining training(trial, text("threads-", threads));
  std::ostringstream lines;
  lines.precision(17);
  for (const auto& [name, value] : code_sizes(training)) lines << name << '\t' << value << '\n';
  training.train_to(1);
  for (const auto& [name, value] :
       training.model().evaluate(training.data().train(), split_number("train"))) {
    lines << name << '\t' << value << '\n';
  }
  return lines.str();
}

/// The same in a process of its own, by name.
NamedNumbers numbers_in_process(const TrialRequest& request, int threads) {
  constexpr std::chrono::seconds kLimit(60);
  const ForkedEnding ending =
      call_forked([&] { return numbers_of_training(request, threads); }, kLimit);
  if (!ending.returned) {
    throw Error(text("training with ", threads, threads == 1 ? " thread " : " threads ",
                     ending.threw ? "fails: " + ending.message : way_of_ending(ending, kLimit)));
  }
  NamedNumbers numbers;
  std::istringstream lines(ending.message);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t tab = line.rfind('\t');
    numbers.emplace_back(line.substr(0, tab), std::strtod(line.c_str() + tab + 1, nullptr));
  }
  return numbers;
}

}  // namespace

Finding check_it_is_repeatable(const TrialRequest& request) {
  const Trial trial(request);
  TrialTraining first(trial, "repeatable-1"), second(trial, "repeatable-2");
  first.train_to(kEpochs);
  second.train_to(kEpochs);
  const std::string different = first_difference(first, second);
  if (different.empty()) return passed();
  return failed(text("\"", different,
                     "\" differs between two equal trainings; what is random must ",
                     "come from the model's streams (model.normal, random_uniform, "
                     "StartingPoint::seed), and build must be a pure function of its options"));
}

Finding check_it_resumes(const TrialRequest& request) {
  const Trial trial(request);
  TrialTraining unbroken(trial, "unbroken");
  unbroken.train_to(kEpochs);
  {
    TrialTraining broken(trial, "broken");
    broken.train_to(1);
  }
  TrialTraining resumed(trial, "broken", {}, TrialTraining::From::Checkpoint);
  resumed.train_to(kEpochs);
  std::string different = first_difference(unbroken, resumed);
  if (!different.empty() && bytes_of_training(trial, "unbroken-2") != unbroken.bytes()) {
    return skipped(kNotRepeatable);
  }
  if (different.empty() && codes_of(unbroken) != codes_of(resumed)) different = "the code";
  if (different.empty()) return passed();
  return failed(text("after a resumed training \"", different,
                     "\" is another than after an unbroken one; whatever goes on from step to step "
                     "belongs into a parameter, or a state of model.state"));
}

Finding check_threads(const TrialRequest& request) {
  const NamedNumbers one = numbers_in_process(request, 1), two = numbers_in_process(request, 2);
  for (std::size_t i = 0; i < one.size(); ++i) {
    const auto& [name, x] = one[i];
    const double y = two[i].second;
    if (std::abs(x - y) <= kThreadTolerance * std::max({std::abs(x), std::abs(y), 1e-3})) continue;
    if (numbers_in_process(request, 1) != one) return skipped(kNotRepeatable);
    return failed(text("\"", name, "\" is ", x, " with one thread and ", y,
                       " with two; a kernel's result must not depend on how parallel_for shares "
                       "the work"));
  }
  return passed();
}

}  // namespace hourglass
