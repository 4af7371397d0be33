#include <hourglass/core/text.hpp>
#include <hourglass/data/features.hpp>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string>
#include <utility>

namespace hourglass::features {
namespace {

constexpr double kMostCommon = 0.95;  // of a feature's variance in the copula
constexpr std::int64_t kCheckedSamples = 256;
constexpr std::uint32_t kBlock = 64;  // features that are looked at together

// The upper tail of the standard normal distribution.
double tail(double t) { return 0.5 * std::erfc(t / std::numbers::sqrt2); }

// Where the upper tail is `probability`, in (0, 1).
double threshold_of(double probability) {
  double low = -40, high = 40;
  for (int i = 0; i < 70; ++i) {
    const double middle = (low + high) / 2;
    (tail(middle) > probability ? low : high) = middle;
  }
  return (low + high) / 2;
}

/// Whether a uniform number lies below the tail at t. A table settles all but one case in some
/// hundreds.
class TailTest {
 public:
  TailTest() {
    for (std::size_t i = 0; i < tails_.size(); ++i) {
      tails_[i] = tail(static_cast<double>(i) / kSteps - kReach);
    }
  }
  bool below(double uniform, float t) const {
    const float place = (std::clamp(t, -kReach, kReach) + kReach) * kSteps;
    const auto i = std::min(static_cast<std::size_t>(place), tails_.size() - 2);
    if (uniform >= tails_[i]) return false;
    return uniform < tails_[i + 1] || uniform < tail(double{t});
  }

 private:
  static constexpr float kReach = 8, kSteps = 64;
  std::array<double, static_cast<std::size_t>(2 * kReach * kSteps) + 1> tails_;
};

// Of siblings that fire by themselves with these chances: the part that each keeps of its firings
// where one of those that fire is chosen, the mean of 1 / (1 + how many others fire).
std::vector<double> kept_parts(const std::vector<double>& chances) {
  std::vector<double> kept;
  for (std::size_t each = 0; each < chances.size(); ++each) {
    std::vector<double> counts = {1};  // the probability of so many others
    for (std::size_t other = 0; other < chances.size(); ++other) {
      if (other == each) continue;
      counts.push_back(0);
      for (std::size_t n = counts.size(); n-- > 0;) {
        counts[n] = counts[n] * (1 - chances[other]) + (n > 0 ? counts[n - 1] * chances[other] : 0);
      }
    }
    double sum = 0;
    for (std::size_t n = 0; n < counts.size(); ++n) sum += counts[n] / static_cast<double>(n + 1);
    kept.push_back(sum);
  }
  return kept;
}

Tensor unit_directions(const Options& options) {
  const std::int64_t width = options.dimensions;
  Tensor directions(Shape{options.features, width});
  for (std::int64_t i = 0; i < options.features; ++i) {
    RandomStream random(static_cast<std::uint64_t>(options.seed), "features.directions",
                        static_cast<std::uint64_t>(i));
    const auto row = directions.floats().subspan(i * width, width);
    double squares = 0;
    for (float& value : row) {
      value = random.normal();
      squares += double{value} * value;
    }
    for (float& value : row) value = static_cast<float>(value / std::sqrt(squares));
  }
  return directions;
}

// From `first` to `last`, `part` of the way.
double between_ends(double first, double last, double part) {
  return first + (last - first) * part;
}

class FeatureSamples final : public LazySamples {
 public:
  FeatureSamples(std::shared_ptr<const Features> features, std::string split, std::int64_t count)
      : features_(std::move(features)),
        split_(std::move(split)),
        shape_{count, features_->options().dimensions} {}

  const Shape& shape() const override { return shape_; }
  DType dtype() const override { return DType::F32; }
  void read(std::span<const std::uint32_t> rows, std::byte* out) const override {
    const std::int64_t width = shape_[1];
    const float* directions = features_->directions().floats().data();
    auto* x = reinterpret_cast<float*>(out);
    for (const std::uint32_t row : rows) {
      std::fill_n(x, width, 0.0f);
      for (const Active& each : features_->draw(split_, row)) {
        const float* direction = directions + each.feature * width;
        for (std::int64_t k = 0; k < width; ++k) x[k] += each.magnitude * direction[k];
      }
      x += width;
    }
  }
  // What no sample exceeds: all features of one sign at once, at the end of RandomStream::normal.
  std::optional<Bounds> bounds() const override {
    constexpr double kMostNormal = 5.8;
    const std::int64_t width = shape_[1];
    double most = 0;
    for (std::int64_t k = 0; k < width; ++k) {
      double sum = 0;
      for (std::int64_t i = 0; i < features_->options().features; ++i) {
        sum +=
            std::abs(features_->directions().floats()[i * width + k]) *
            (features_->magnitudes()[i] + kMostNormal * features_->options().magnitude_deviation);
      }
      most = std::max(most, sum);
    }
    return Bounds{-most, most};
  }
  std::uint32_t checksum() const override {
    std::vector<std::uint32_t> rows(static_cast<std::size_t>(std::min(shape_[0], kCheckedSamples)));
    std::iota(rows.begin(), rows.end(), 0u);
    std::vector<std::byte> samples(rows.size() * static_cast<std::size_t>(sample_bytes()));
    read(rows, samples.data());
    const std::vector<double>& rates = features_->rates();
    uLong sum = crc32(0, nullptr, 0);
    sum = crc32_z(sum, reinterpret_cast<const Bytef*>(samples.data()), samples.size());
    sum = crc32_z(sum, reinterpret_cast<const Bytef*>(rates.data()), rates.size() * sizeof(double));
    const std::int64_t count = shape_[0];
    sum = crc32_z(sum, reinterpret_cast<const Bytef*>(&count), sizeof count);
    return static_cast<std::uint32_t>(sum);
  }

 private:
  std::shared_ptr<const Features> features_;
  std::string split_;
  Shape shape_;
};

}  // namespace

double Hierarchy::size() const {
  double level = roots, sum = 0;
  for (int i = 0; i <= depth; ++i, level *= branching) sum += level;
  return sum;
}

void Correlation::describe(Schema<Correlation>& schema) {
  schema.add("rank", &Correlation::rank, "numbers of a sample that all features depend on",
             at_least(1), at_most(1000));
  schema.add("scale", &Correlation::scale, "how far they do; 0: features are independent",
             at_least(0));
  schema.check([](const Correlation& correlation) -> std::string {
    if (correlation.rank * correlation.scale * correlation.scale < 1) return "";
    return text(
        "needs rank times scale squared below 1, which is the part of a feature's variance "
        "that is not its own, got ",
        correlation.rank * correlation.scale * correlation.scale);
  });
}

void Hierarchy::describe(Schema<Hierarchy>& schema) {
  schema.add("roots", &Hierarchy::roots, "how many trees", at_least(1));
  schema.add("branching", &Hierarchy::branching,
             "children of each feature, of which one at most "
             "is active",
             at_least(1), at_most(100));
  schema.add("depth", &Hierarchy::depth, "levels below a root", at_least(1), at_most(30));
}

void Options::describe(Schema<Options>& schema) {
  using Self = Options;
  schema.add("dimensions", &Self::dimensions, "numbers of a sample", at_least(1), at_most(1 << 17));
  schema.add("features", &Self::features, "directions that samples are sums of", at_least(1),
             at_most(1 << 17));
  schema.add("exponent", &Self::exponent, "of the fall of rates", at_least(0));
  schema.add("most_frequent", &Self::most_frequent, "the first feature's rate", greater_than(0),
             less_than(1));
  schema.add("least_frequent", &Self::least_frequent, "the last one's", greater_than(0),
             less_than(1));
  schema.add("first_magnitude", &Self::first_magnitude, "the first feature's mean", at_least(0));
  schema.add("last_magnitude", &Self::last_magnitude, "the last one's", at_least(0));
  schema.add("magnitude_deviation", &Self::magnitude_deviation, "of every feature's magnitude",
             at_least(0));
  schema.add("correlation", &Self::correlation, "between features' firings");
  schema.add("hierarchy", &Self::hierarchy, "trees of features; null: none");
  schema.add("train", &Self::train, "training samples", at_least(1), at_most(4e9));
  schema.add("test", &Self::test, "test samples", at_least(1), at_most(4e9));
  schema.add("seed", &Self::seed, "of features and samples", at_least(0));
  schema.check([](const Options& options) -> std::string {
    if (options.least_frequent > options.most_frequent) {
      return text("needs least_frequent of at most most_frequent, got ", options.least_frequent,
                  " and ", options.most_frequent);
    }
    if (options.hierarchy && options.hierarchy->size() > options.features) {
      return text("has ", options.features, " features, but hierarchy takes ",
                  options.hierarchy->size(), "; choose fewer roots, or more features");
    }
    return "";
  });
}

Features::Features(const Options& options)
    : options_(options), directions_(unit_directions(options)) {
  const double last = std::max(options.features - 1, 1);
  for (int i = 0; i < options.features; ++i) {
    magnitudes_.push_back(static_cast<float>(
        between_ends(options.first_magnitude, options.last_magnitude, i / last)));
  }
  if (options.hierarchy) {
    parents_.assign(static_cast<std::size_t>(options.hierarchy->size()), -1);
    const auto roots = static_cast<std::size_t>(options.hierarchy->roots);
    for (std::size_t i = roots; i < parents_.size(); ++i) {
      parents_[i] = static_cast<std::int32_t>((i - roots) / options.hierarchy->branching);
    }
  }
  set_rates();
  if (options.correlation.scale > 0) set_factors();
}

std::int64_t Features::parent(std::int64_t feature) const {
  return feature < std::ssize(parents_) ? parents_[static_cast<std::size_t>(feature)] : -1;
}

void Features::set_rates() {
  const auto power = [&](double i) { return std::pow(i, -options_.exponent); };
  const double first = power(1), last = power(options_.features);
  for (int i = 0; i < options_.features; ++i) {
    const double part = first > last ? (first - power(i + 1)) / (first - last) : 0;
    rates_.push_back(between_ends(options_.most_frequent, options_.least_frequent, part));
  }
  chances_ = rates_;
  if (!options_.hierarchy) return;
  const auto roots = static_cast<std::size_t>(options_.hierarchy->roots);
  const auto branching = static_cast<std::size_t>(options_.hierarchy->branching);
  for (std::size_t first_child = roots; first_child < parents_.size(); first_child += branching) {
    set_chances_of_siblings(first_child, rates_[parents_[first_child]]);
  }
}

void Features::set_chances_of_siblings(std::size_t first, double parent_rate) {
  const auto branching = static_cast<std::size_t>(options_.hierarchy->branching);
  std::vector<double> wanted(branching);
  for (std::size_t i = 0; i < branching; ++i) wanted[i] = rates_[first + i] / parent_rate;
  std::vector<double> chances(branching, 0.0), kept;
  for (int round = 0; round < 200; ++round) {  // grows to the least that will do, or to 1
    kept = kept_parts(chances);
    for (std::size_t i = 0; i < branching; ++i) chances[i] = std::min(1.0, wanted[i] / kept[i]);
  }
  kept = kept_parts(chances);
  for (std::size_t i = 0; i < branching; ++i) {
    chances_[first + i] = chances[i];
    rates_[first + i] = parent_rate * chances[i] * kept[i];
  }
}

void Features::set_factors() {
  const auto count = static_cast<std::size_t>(options_.features);
  const auto rank = static_cast<std::size_t>(options_.correlation.rank);
  const std::size_t blocks = (count + kBlock - 1) / kBlock;
  factors_.resize(blocks * rank * kBlock);
  thresholds_.resize(blocks * kBlock);
  std::vector<double> row(rank);
  for (std::size_t i = 0; i < count; ++i) {
    RandomStream random(static_cast<std::uint64_t>(options_.seed), "features.factors", i);
    double squares = 0;
    for (double& each : row) {
      each = options_.correlation.scale * static_cast<double>(random.normal());
      squares += each * each;
    }
    const double shrink = squares > kMostCommon ? std::sqrt(kMostCommon / squares) : 1;
    const double own = std::sqrt(1 - squares * shrink * shrink);
    for (std::size_t k = 0; k < rank; ++k) {
      factors_[(i / kBlock * rank + k) * kBlock + i % kBlock] =
          static_cast<float>(row[k] * shrink / own);
    }
    thresholds_[i] = static_cast<float>(threshold_of(chances_[i]) / own);
  }
}

std::vector<std::uint32_t> Features::candidates(const PhiloxKey& key, std::uint64_t index,
                                                std::span<const float> common) const {
  static const TailTest kTail;
  const auto count = static_cast<std::uint32_t>(options_.features);
  const float* factors = factors_.data();
  std::vector<std::uint32_t> found;
  std::array<float, kBlock> bounds;  // what each feature's own part has to exceed
  PhiloxCounter words{};
  for (std::uint32_t first = 0; first < count; first += kBlock) {
    if (!common.empty()) {
      std::copy_n(thresholds_.data() + first, kBlock, bounds.data());
      for (const float number : common) {
        for (std::uint32_t i = 0; i < kBlock; ++i) bounds[i] -= factors[i] * number;
        factors += kBlock;
      }
    }
    for (std::uint32_t i = 0; i < std::min(kBlock, count - first); ++i) {
      if (i % 4 == 0) {
        words = philox({(first + i) / 4, 0, static_cast<std::uint32_t>(index),
                        static_cast<std::uint32_t>(index >> 32)},
                       key);
      }
      const double uniform = (words[i % 4] + 0.5) * 0x1p-32;
      const bool fires =
          common.empty() ? uniform < chances_[first + i] : kTail.below(uniform, bounds[i]);
      if (fires) found.push_back(first + i);
    }
  }
  return found;
}

std::vector<Active> Features::draw(std::string_view split, std::uint64_t index) const {
  const auto seed = static_cast<std::uint64_t>(options_.seed);
  const std::string stream = text("features.", split);
  RandomStream random(seed, stream, index);
  std::vector<float> common(factors_.empty() ? 0
                                             : static_cast<std::size_t>(options_.correlation.rank));
  for (float& number : common) number = random.normal();
  const auto fire = candidates(stream_key(seed, stream + ".firings"), index, common);

  // Parents stand before their children, so that they are settled, and in order.
  std::vector<Active> active;
  for (auto at = fire.begin(); at != fire.end();) {
    const std::int64_t above = parent(*at);
    if (above < 0) {
      active.push_back({*at++});
      continue;
    }
    const auto end = std::find_if(at, fire.end(), [&](auto i) { return parent(i) != above; });
    const auto siblings = static_cast<std::uint32_t>(end - at);
    if (std::ranges::binary_search(active, above, {}, &Active::feature)) {
      active.push_back({at[random.below(siblings)]});
    }
    at = end;
  }
  for (Active& each : active) {
    each.magnitude = std::abs(magnitudes_[each.feature] +
                              static_cast<float>(options_.magnitude_deviation) * random.normal());
  }
  return active;
}

std::shared_ptr<const LazySamples> samples_of(std::shared_ptr<const Features> features,
                                              const std::string& split, std::int64_t count) {
  return std::make_shared<FeatureSamples>(std::move(features), split, count);
}

}  // namespace hourglass::features
