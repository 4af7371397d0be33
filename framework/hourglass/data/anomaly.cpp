#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/anomaly.hpp>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>

namespace hourglass {
namespace {

constexpr std::size_t kMostListed = 20;

// The classes that there are: their numbers, and their names where they have some.
struct Classes {
  std::set<std::int64_t> numbers;
  std::vector<std::string> names;

  std::string listed() const {
    std::vector<std::string> all = names;
    if (all.empty()) {
      for (const std::int64_t number : numbers) all.push_back(text(number));
    }
    std::string list;
    for (std::size_t i = 0; i < std::min(all.size(), kMostListed); ++i) {
      list += (i > 0 ? ", " : "") + all[i];
    }
    return list + (all.size() > kMostListed ? ", ..." : "");
  }
};

Classes classes_of(std::span<Labels* const> all) {
  Classes classes;
  for (const Labels* labels : all) {
    if (!labels->has_classes()) {
      throw OptionError("anomaly",
                        "needs to know the class of every sample, and the data have no classes; "
                        "name a table's column with label, an array with labels_array, or choose "
                        "another data set");
    }
    const auto values = labels->classes.values<std::int64_t>();
    classes.numbers.insert(values.begin(), values.end());
    if (classes.names.empty()) classes.names = labels->class_names;
  }
  const auto count = static_cast<std::int64_t>(classes.names.size());
  for (std::int64_t i = 0; i < count; ++i) classes.numbers.insert(i);
  return classes;
}

std::int64_t class_called(const std::string& name, const Classes& classes,
                          const std::string& option) {
  const auto named = std::ranges::find(classes.names, name);
  if (named != classes.names.end()) return named - classes.names.begin();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool is_number = error == std::errc() && end == name.data() + name.size();
  if (is_number && classes.numbers.contains(number)) return number;
  const std::string meant = config::nearest(name, classes.names);
  throw OptionError(option, text("names \"", name, "\", which is no class of the data",
                                 meant.empty() ? "; they have " + classes.listed()
                                               : text("; did you mean \"", meant, "\"?")));
}

std::set<std::int64_t> classes_called(const std::vector<std::string>& names, const Classes& classes,
                                      const std::string& option) {
  std::set<std::int64_t> result;
  for (std::size_t i = 0; i < names.size(); ++i) {
    result.insert(class_called(names[i], classes, text(option, ".", i)));
  }
  return result;
}

// Labels that say themselves what is an anomaly.
std::set<std::int64_t> ones(const Classes& classes) {
  const bool named = !classes.names.empty();
  const bool binary = std::ranges::all_of(
      classes.numbers, [](std::int64_t number) { return number == 0 || number == 1; });
  if (binary && (!named || classes.names == std::vector<std::string>{"normal", "anomaly"})) {
    return {1};
  }
  throw OptionError("anomaly", text("names neither normal nor anomalous classes, and the labels "
                                    "are not 0 for normal and 1 for anomaly; give one of the "
                                    "lists anomaly.normal and anomaly.anomalous; the classes are ",
                                    classes.listed()));
}

Rows chosen(const Rows& rows, const Labels& labels, bool anomalous) {
  const auto truth = labels.anomalies.values<std::uint8_t>();
  Rows result;
  std::ranges::copy_if(rows, std::back_inserter(result),
                       [&](std::uint32_t row) { return (truth[row] != 0) == anomalous; });
  return result;
}

}  // namespace

void AnomalyOptions::describe(Schema<AnomalyOptions>& schema) {
  using Self = AnomalyOptions;
  schema.add("normal", &Self::normal,
             "the normal classes, by name or number; all others are anomalies");
  schema.add("anomalous", &Self::anomalous,
             "or the anomalous ones; neither list: labels are 0 (normal) and 1 (anomaly)");
  schema.add("train", &Self::train,
             "part that training draws on, of data without a test split, the rest is scored; "
             "null: 0.7, of a series in windows its first 0.15",
             greater_than(0), less_than(1));
  schema.add("contaminated", &Self::contaminated,
             "whether training and validation keep their anomalies");
  schema.check([](const Self& options) {
    const bool both = !options.normal.empty() && !options.anomalous.empty();
    return both ? "takes a list of normal classes or one of anomalous ones, not both" : "";
  });
}

void mark_anomalies(std::span<Labels* const> all, const AnomalyOptions& options) {
  const Classes classes = classes_of(all);
  const auto normal = classes_called(options.normal, classes, "anomaly.normal");
  auto anomalous = classes_called(options.anomalous, classes, "anomaly.anomalous");
  const bool by_normal = !normal.empty();
  std::int64_t unlabelled = 0;
  for (const Labels* labels : all) {
    if (normal.contains(-1) || anomalous.contains(-1)) break;  // then it is a class like others
    unlabelled += std::ranges::count(labels->classes.values<std::int64_t>(), -1);
  }
  if (unlabelled > 0) {
    throw OptionError("anomaly", text("needs to know the class of every sample, and ", unlabelled,
                                      unlabelled == 1 ? " has" : " have", " none (-1)"));
  }
  if (!by_normal && anomalous.empty()) anomalous = ones(classes);
  for (Labels* labels : all) {
    const auto values = labels->classes.values<std::int64_t>();
    labels->anomalies = Tensor(Shape{std::ssize(values)}, DType::U8);
    std::ranges::transform(values, labels->anomalies.values<std::uint8_t>().begin(),
                           [&](std::int64_t value) -> std::uint8_t {
                             return by_normal ? !normal.contains(value) : anomalous.contains(value);
                           });
  }
}

std::pair<Rows, Rows> divide_stratified(const Rows& rows, const Rows& groups, const Labels& labels,
                                        const AnomalyOptions& options, std::uint64_t seed) {
  const double train = options.train.value_or(AnomalyOptions::kTrain);
  std::pair<Rows, Rows> result;
  for (const bool anomalous : {false, true}) {
    const Rows stratum = chosen(rows, labels, anomalous);
    if (stratum.empty()) continue;
    std::pair<Rows, Rows> parts;  // to score, to train on
    if (anomalous && stratum.size() == 1) {
      parts.first = stratum;
    } else {
      try {
        parts = take_groups(stratum, groups, 1 - train, seed,
                            anomalous ? "anomaly.anomalous" : "anomaly.normal");
      } catch (const OptionError&) {
        throw OptionError("anomaly.train", text("leaves, as ", train, " of ", stratum.size(),
                                                anomalous ? " anomalous" : " normal",
                                                " samples, none for training; choose a larger "
                                                "part"));
      }
    }
    result.first.insert(result.first.end(), parts.second.begin(), parts.second.end());
    result.second.insert(result.second.end(), parts.first.begin(), parts.first.end());
  }
  std::ranges::sort(result.first);
  std::ranges::sort(result.second);
  return result;
}

Rows normal_rows(const Rows& rows, const Labels& labels, const std::string& split) {
  Rows result = chosen(rows, labels, false);
  if (result.empty()) {
    throw OptionError("anomaly", text("leaves no normal sample in the split ", split, ", of ",
                                      rows.size(), "; name other classes"));
  }
  return result;
}

}  // namespace hourglass
