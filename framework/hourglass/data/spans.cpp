#include <hourglass/config/emit.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/spans.hpp>

#include <charconv>
#include <chrono>
#include <cmath>

namespace hourglass {
namespace {

// A date and time, read from the front.
class TimeText {
 public:
  explicit TimeText(std::string_view rest) : rest_(rest) {}

  bool done() const { return rest_.empty(); }
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly so many digits; -1 where they are not there.
  int digits(std::size_t count) {
    int value = 0;
    if (rest_.size() < count) return -1;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest_[i] < '0' || rest_[i] > '9') return -1;
      value = 10 * value + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  // What follows the decimal point; 0 without any.
  double fraction() {
    double value = 0, place = 0.1;
    for (; !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; rest_.remove_prefix(1)) {
      value += place * (rest_[0] - '0');
      place /= 10;
    }
    return value;
  }

 private:
  std::string_view rest_;
};

std::optional<double> date_and_time(std::string_view word) {
  TimeText text(word);
  const int year = text.digits(4);
  if (year < 0 || !text.take('-')) return std::nullopt;
  const int month = text.digits(2);
  if (month < 0 || !text.take('-')) return std::nullopt;
  const int day = text.digits(2);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (day < 0 || !date.ok()) return std::nullopt;
  const double days = static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count());
  if (text.done()) return days * 86400;
  if (!text.take(' ') && !text.take('T')) return std::nullopt;
  const int hour = text.digits(2);
  if (hour < 0 || hour > 23 || !text.take(':')) return std::nullopt;
  const int minute = text.digits(2);
  if (minute < 0 || minute > 59) return std::nullopt;
  int second = 0;
  double fraction = 0;
  if (text.take(':')) {
    second = text.digits(2);
    if (second < 0 || second > 60) return std::nullopt;
    if (text.take('.')) fraction = text.fraction();
  }
  if (!text.done()) return std::nullopt;
  return days * 86400 + hour * 3600 + minute * 60 + second + fraction;
}

// The path `whole` ends with the path `end`.
bool ends_with_path(std::string_view whole, std::string_view end) {
  if (end.empty() || !whole.ends_with(end)) return false;
  return whole.size() == end.size() || whole[whole.size() - end.size() - 1] == '/';
}

double time_in(const config::Node& node) {
  const auto time = time_of(node.text());
  if (!time) {
    throw DataError(text(node.place().prefix(), config::shown(node.text()),
                         " is no time, expected one such as 2013-12-02 21:15:00, or a number"));
  }
  return *time;
}

}  // namespace

std::optional<double> time_of(std::string_view word) {
  double number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error == std::errc() && end == word.data() + word.size() && std::isfinite(number)) {
    return number;
  }
  return date_and_time(word);
}

Spans read_spans(const std::string& path, const std::string& series) {
  config::Node root;
  try {
    root = config::parse_file(path);
  } catch (const ConfigError& error) {
    throw DataError(error.what());
  }
  const config::Node::Entry* found = nullptr;
  for (const config::Node::Entry& entry : root.entries()) {
    if (!ends_with_path(series, entry.key)) continue;
    if (found == nullptr || entry.key.size() > found->key.size()) found = &entry;
  }
  if (found == nullptr) {
    throw DataError(text(path, ": does not say when ", series,
                         " is anomalous; expected a map with the end of this path as a key"));
  }
  Spans spans;
  for (const config::Node& span : found->value.items()) {
    if (span.items().size() != 2) {
      throw DataError(text(span.place().prefix(), "expected a pair of times, [start, end]"));
    }
    const double start = time_in(span.items()[0]), end = time_in(span.items()[1]);
    if (end < start) throw DataError(text(span.place().prefix(), "ends before it starts"));
    spans.emplace_back(start, end);
  }
  if (!found->value.is_list()) {
    throw DataError(text(found->place.prefix(), "expected a list of pairs of times"));
  }
  return spans;
}

}  // namespace hourglass
