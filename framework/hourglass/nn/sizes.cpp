#include <hourglass/nn/sizes.hpp>

#include <algorithm>

namespace hourglass {

bool config::Codec<Sizes>::read(const Node& node, const std::string& path, Problems& problems,
                                Sizes& value) {
  constexpr std::int64_t kMost = 1'000'000;
  const std::string wanted =
      text("an integer from 0 to ", kMost, ", or a list with one for each axis");
  Problems ignored;
  Sizes read;
  if (node.is_list()) {
    if (!Codec<std::vector<std::int64_t>>::read(node, path, problems, read.numbers)) return false;
  } else if (!Codec<std::int64_t>::read(node, path, ignored, read.numbers.emplace_back())) {
    return wrong(node, path, problems, wanted);
  }
  const bool in_range = std::ranges::all_of(
      read.numbers, [](std::int64_t each) { return each >= 0 && each <= kMost; });
  if (!in_range || read.numbers.empty()) return wrong(node, path, problems, wanted);
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
  return Codec<Sizes>::read(node, path, problems, value.numbers.emplace());
}

config::Node config::Codec<WindowSize>::write(const WindowSize& value) {
  return value.numbers ? Codec<Sizes>::write(*value.numbers) : Node::string("global");
}

}  // namespace hourglass
