#include <hourglass/nn/sizes.hpp>

#include <algorithm>

namespace hourglass {

static constexpr std::int64_t kLargestSize = 1'000'000;

static std::string sizes_wanted() {
  return text("an integer from 0 to ", kLargestSize, ", or a list with one for each axis");
}

bool config::Codec<Sizes>::read(const Node& node, const std::string& path, Problems& problems,
                                Sizes& value) {
  Problems ignored;
  Sizes read;
  if (node.is_list()) {
    if (!Codec<std::vector<std::int64_t>>::read(node, path, problems, read.numbers)) return false;
  } else if (!Codec<std::int64_t>::read(node, path, ignored, read.numbers.emplace_back())) {
    return wrong(node, path, problems, sizes_wanted());
  }
  const bool in_range = std::ranges::all_of(
      read.numbers, [](std::int64_t each) { return each >= 0 && each <= kLargestSize; });
  if (!in_range || read.numbers.empty()) return wrong(node, path, problems, sizes_wanted());
  value = std::move(read);
  return true;
}

config::Node config::Codec<Sizes>::write(const Sizes& value) {
  if (value.numbers.size() == 1) return Codec<std::int64_t>::write(value.numbers[0]);
  return Codec<std::vector<std::int64_t>>::write(value.numbers);
}

bool config::Codec<WindowSize>::read(const Node& node, const std::string& path, Problems& problems,
                                     WindowSize& value) {
  if (node.is_scalar() && node.text() == "global") {
    value.numbers.reset();
    return true;
  }
  const bool is_word = node.is_scalar() && !node.to_number();
  if (is_word) return wrong(node, path, problems, sizes_wanted() + ", or global");
  return Codec<Sizes>::read(node, path, problems, value.numbers.emplace());
}

config::Node config::Codec<WindowSize>::write(const WindowSize& value) {
  return value.numbers ? Codec<Sizes>::write(*value.numbers) : Node::string("global");
}

}  // namespace hourglass
