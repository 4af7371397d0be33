#include <hourglass/core/error.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/nn/corruption.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/broadcast.hpp>
#include <hourglass/ops/clip.hpp>
#include <hourglass/ops/compare.hpp>
#include <hourglass/ops/random.hpp>
#include <hourglass/ops/reshape.hpp>

#include <algorithm>
#include <numeric>

namespace hourglass {

void GaussianCorruption::describe(Schema<GaussianCorruption>& schema) {
  schema.add("sigma", &GaussianCorruption::sigma, "standard deviation of the noise", at_least(0));
  schema.shorthand("sigma");
}

void SpeckleCorruption::describe(Schema<SpeckleCorruption>& schema) {
  schema.add("sigma", &SpeckleCorruption::sigma, "standard deviation of the factor", at_least(0));
  schema.shorthand("sigma");
}

void SaltPepperCorruption::describe(Schema<SaltPepperCorruption>& schema) {
  schema.add("rate", &SaltPepperCorruption::rate, "part of the values that is replaced",
             between(0, 1));
  schema.shorthand("rate");
}

void MaskingCorruption::describe(Schema<MaskingCorruption>& schema) {
  schema.add("rate", &MaskingCorruption::rate, "part of the values that is set to 0",
             between(0, 1));
  schema.shorthand("rate");
}

void BlockCorruption::describe(Schema<BlockCorruption>& schema) {
  schema.add("size", &BlockCorruption::size, "height and width of a square", at_least(1));
  schema.shorthand("size");
  schema.add("count", &BlockCorruption::count, "how many squares", at_least(1));
}

void CorruptionOptions::describe(Schema<CorruptionOptions>& schema) {
  schema.alternatives(&CorruptionOptions::kind, "what is done");
}

std::string CorruptionOptions::name() const {
  return std::visit([](const auto& each) -> std::string { return each.kName; }, kind);
}

std::string fault_of(const CorruptionOptions& corruption, const Shape& sample) {
  const auto* block = std::get_if<BlockCorruption>(&corruption.kind);
  if (block == nullptr) return "";
  const int rank = sample.rank();
  if (rank != 2 && rank != 3) {
    return text("block hides squares of images, and the data have the shape ", sample.to_text(),
                "; use masking");
  }
  const std::int64_t side = std::min(sample[rank - 2], sample[rank - 1]);
  if (block->size <= side) return "";
  return text("block has squares of ", block->size, " x ", block->size,
              ", larger than the images, ", sample.to_text());
}

namespace {

/// Writes one corruption after another.
class Corruptor {
 public:
  Corruptor(Value samples, const ValueRange& range)
      : graph_(samples.graph()), range_(range), x_(samples) {
    where_ = graph_.filled(x_.shape(), 0.0f);
  }

  void apply(const CorruptionOptions& corruption, const std::string& stream) {
    std::visit([&](const auto& each) { apply(each, stream); }, corruption.kind);
  }
  Corrupted result() const { return {x_, where_}; }

 private:
  Value filled(float number) const { return graph_.filled({}, number); }

  /// All values change.
  void set_all(Value x) {
    if (range_.within(0, 1)) {
      x = clip(x, 0.0f, 1.0f);
    } else if (range_.within(-1, 1)) {
      x = clip(x, -1.0f, 1.0f);
    }
    x_ = x;
    where_ = graph_.filled(x_.shape(), 1.0f);
  }

  /// Those change where `hit` is 1; it is 0 elsewhere, and broadcasts.
  void set(Value hit, Value x) {
    hit = broadcast_to(hit, x_.shape());
    x_ = (1.0f - hit) * x_ + hit * x;  // exact, since hit is 0 or 1
    where_ = maximum(where_, hit);
  }

  void apply(const GaussianCorruption& options, const std::string& stream) {
    const Value noise = random_normal(graph_, x_.shape(), stream);
    set_all(x_ + static_cast<float>(options.sigma) * noise);
  }

  void apply(const SpeckleCorruption& options, const std::string& stream) {
    const Value noise = random_normal(graph_, x_.shape(), stream);
    set_all(x_ * (1.0f + static_cast<float>(options.sigma) * noise));
  }

  void apply(const MaskingCorruption& options, const std::string& stream) {
    const Value hit =
        random_bernoulli(graph_, x_.shape(), stream, static_cast<float>(options.rate));
    set(hit, filled(0.0f));
  }

  void apply(const SaltPepperCorruption& options, const std::string& stream) {
    const auto rate = static_cast<float>(options.rate);
    float least = range_.least, greatest = range_.greatest;
    if (range_.within(0, 1)) {
      least = 0, greatest = 1;
    } else if (range_.within(-1, 1)) {
      least = -1, greatest = 1;
    }
    const Value number = random_uniform(graph_, x_.shape(), stream);
    const Value hit = greater(filled(rate), number);
    const Value salt = greater(filled(rate / 2), number);
    set(hit, least + (greatest - least) * salt);
  }

  void apply(const BlockCorruption& options, const std::string& stream) {
    const Shape& shape = x_.shape();
    const int rank = shape.rank();
    for (int i = 0; i < options.count; ++i) {
      const std::string name = options.count == 1 ? stream : text(stream, ".", i);
      const Value rows = stretch(options.size, rank - 2, text(name, ".row"));
      const Value columns = stretch(options.size, rank - 1, text(name, ".column"));
      set(rows * columns, filled(0.0f));
    }
  }

  /// 1 at `size` neighbours along an axis, somewhere in each sample, and 0 elsewhere.
  Value stretch(int size, int axis, const std::string& stream) {
    const Shape& shape = x_.shape();
    std::vector<std::int64_t> of_sample(static_cast<std::size_t>(shape.rank()), 1);
    std::vector<std::int64_t> along = of_sample;
    of_sample[0] = shape[0];
    along[static_cast<std::size_t>(axis)] = shape[axis];
    Tensor places{Shape(along)};
    std::iota(places.floats().begin(), places.floats().end(), 0.0f);
    // The first place is the next whole number above one that is uniform in [-1, last).
    const auto last = static_cast<float>(shape[axis] - size);
    const Value before = random_uniform(graph_, Shape(of_sample), stream, -1.0f, last);
    const Value place = graph_.constant(places);
    return greater(place, before) * greater_equal(before + static_cast<float>(size), place);
  }

  Graph& graph_;
  const ValueRange& range_;
  Value x_;
  Value where_;
};

}  // namespace

Corrupted corrupt(Value samples, std::span<const CorruptionOptions> corruptions,
                  const ValueRange& range, const std::string& stream) {
  Corruptor corruptor(samples, range);
  for (std::size_t i = 0; i < corruptions.size(); ++i) {
    corruptor.apply(corruptions[i], text(stream, ".", i));
  }
  return corruptor.result();
}

}  // namespace hourglass
