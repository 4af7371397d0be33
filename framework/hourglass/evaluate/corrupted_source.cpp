#include <hourglass/evaluate/corrupted_source.hpp>

#include <algorithm>
#include <utility>

namespace hourglass {

CorruptedSource::CorruptedSource(const Source& source, std::vector<CorruptionOptions> corruptions,
                                 const ValueRange& range, std::uint64_t seed, std::uint32_t split)
    : source_(source),
      corruptions_(std::move(corruptions)),
      range_(range),
      seed_(seed),
      split_(split) {}

CorruptedSource::~CorruptedSource() = default;

Program& CorruptedSource::program(std::int64_t batch) const {
  const auto found = programs_.find(batch);
  if (found != programs_.end()) return found->second;
  Graph graph;
  const Value clean = graph.input("input", sample_shape().prepended(batch));
  // The scope and the streams are those of a model's own corruption.
  const Graph::Scope scope(graph, "corruption");
  const Value corrupted = corrupt(clean, corruptions_, range_, "corruption").samples;
  return programs_.emplace(batch, Program(graph, {corrupted}, {}, arena_)).first->second;
}

void CorruptedSource::read(std::span<const std::uint32_t> indices, float* out) const {
  Program& corrupting = program(std::ssize(indices));
  std::vector<float> clean(indices.size() * static_cast<std::size_t>(sample_shape().size()));
  source_.read(indices, clean.data());
  std::vector<std::uint32_t> numbers(indices.size());
  std::ranges::transform(indices, numbers.begin(),
                         [&](std::uint32_t index) { return source_.number(index); });
  corrupting.feed("input", clean.data());
  corrupting.run({.seed = seed_, .training = false, .split = split_, .samples = numbers});
  std::ranges::copy(corrupting.fetched(0), out);
}

}  // namespace hourglass
