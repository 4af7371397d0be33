#include <hourglass/core/error.hpp>
#include <hourglass/data/table.hpp>

#include <algorithm>
#include <set>
#include <unordered_map>

namespace hourglass {
namespace {

constexpr std::size_t kMostCategories = 10'000;

std::vector<std::string> categories_of(const Column& column, std::span<const std::uint32_t> rows) {
  if (rows.empty()) {
    std::vector<std::string> all = column.texts;
    std::ranges::sort(all);
    return all;
  }
  std::vector<bool> met(column.texts.size());
  for (const std::uint32_t row : rows) met[column.codes[row]] = true;
  std::vector<std::string> categories;
  for (std::size_t i = 0; i < met.size(); ++i) {
    if (met[i]) categories.push_back(column.texts[i]);
  }
  std::ranges::sort(categories);
  return categories;
}

// For each of the column's texts its place among the categories, or -1.
std::vector<std::int64_t> places(const Column& column, const std::vector<std::string>& categories) {
  std::vector<std::int64_t> result;
  for (const std::string& value : column.texts) {
    const auto at = std::ranges::lower_bound(categories, value);
    result.push_back(at != categories.end() && *at == value ? at - categories.begin() : -1);
  }
  return result;
}

void note_unknown(const Table& table, const Column& column, const std::vector<std::int64_t>& place,
                  std::vector<std::string>& notes) {
  std::int64_t rows = 0;
  for (const std::uint32_t code : column.codes) rows += place[code] < 0;
  if (rows == 0) return;
  std::string names;
  int listed = 0;
  for (std::size_t i = 0; i < place.size() && listed < 5; ++i) {
    if (place[i] < 0) names += text(listed++ == 0 ? "" : ", ", column.texts[i]);
  }
  notes.push_back(text(table.file, ": column \"", column.name, "\" has ",
                       std::ranges::count(place, -1), " categories that training data lack (",
                       names, std::ranges::count(place, -1) > 5 ? ", ..." : "",
                       "); its features are zero in ", rows, " rows"));
}

Labels number_labels(const Table& table) {
  Labels labels;
  if (table.label_kind == Table::LabelKind::Integers) {
    labels.classes = Tensor({table.rows}, DType::I64);
    std::ranges::copy(table.label_integers, labels.classes.values<std::int64_t>().begin());
  } else if (table.label_kind == Table::LabelKind::Values) {
    labels.factors = Tensor({table.rows, 1});
    labels.factor_names = {table.label_name};
    std::ranges::copy(table.label_values, labels.factors.floats().begin());
  }
  return labels;
}

}  // namespace

TableEncoding::TableEncoding(const Table& training, std::span<const std::uint32_t> rows)
    : training_file_(training.file) {
  for (const Column& column : training.features) {
    Feature feature{column.name, column.is_text, {}};
    if (column.is_text) feature.categories = categories_of(column, rows);
    if (feature.categories.size() > kMostCategories) {
      throw DataError(text(training.file, ": column \"", column.name, "\" has ",
                           feature.categories.size(), " different texts, expected at most ",
                           kMostCategories, " categories; leave it out"));
    }
    features_.push_back(std::move(feature));
  }
}

TableEncoding::TableEncoding(std::vector<Feature> features) : features_(std::move(features)) {
  for (const Feature& feature : features_) {
    const auto& categories = feature.categories;
    const bool in_order =
        std::ranges::adjacent_find(categories, std::ranges::greater_equal()) == categories.end();
    if (in_order && categories.size() <= kMostCategories) continue;
    throw DataError(text("column \"", feature.name, "\" has ", categories.size(),
                         " categories, expected at most ", kMostCategories,
                         " in alphabetical order, each once"));
  }
}

std::vector<std::string> TableEncoding::feature_names() const {
  std::vector<std::string> names;
  for (const Feature& feature : features_) {
    if (!feature.is_text) names.push_back(feature.name);
    for (const auto& category : feature.categories) {
      names.push_back(text(feature.name, "=", category));
    }
  }
  return names;
}

void TableEncoding::check_columns(const Table& table) const {
  if (table.features.size() != features_.size()) {
    throw DataError(text(table.file, ": has ", table.features.size(), " feature columns, ",
                         training_file_, " has ", features_.size()));
  }
  for (std::size_t i = 0; i < features_.size(); ++i) {
    const Column& column = table.features[i];
    if (column.name != features_[i].name) {
      throw DataError(text(table.file, ": column \"", column.name, "\" stands where ",
                           training_file_, " has \"", features_[i].name, "\""));
    }
    if (column.is_text != features_[i].is_text) {
      throw DataError(text(table.file, ": column \"", column.name, "\" holds ",
                           column.is_text ? "texts" : "numbers", ", in ", training_file_,
                           " it holds ", column.is_text ? "numbers" : "texts"));
    }
  }
}

Tensor TableEncoding::encode(const Table& table, std::vector<std::string>& notes) const {
  check_columns(table);
  const auto width = static_cast<std::int64_t>(feature_names().size());
  Tensor result({table.rows, width});
  float* const out = result.floats().data();
  std::int64_t first = 0;
  for (std::size_t i = 0; i < features_.size(); ++i) {
    const Column& column = table.features[i];
    if (!column.is_text) {
      for (std::int64_t row = 0; row < table.rows; ++row) {
        out[row * width + first] = column.numbers[row];
      }
      first += 1;
      continue;
    }
    const auto place = places(column, features_[i].categories);
    note_unknown(table, column, place, notes);
    for (std::int64_t row = 0; row < table.rows; ++row) {
      const std::int64_t at = place[column.codes[row]];
      if (at >= 0) out[row * width + first + at] = 1.0f;
    }
    first += static_cast<std::int64_t>(features_[i].categories.size());
  }
  return result;
}

std::vector<Labels> table_labels(std::span<const Table* const> tables) {
  std::vector<std::string> names;
  std::unordered_map<std::string, std::int64_t> class_of;
  std::vector<Labels> result;
  for (const Table* table : tables) {
    if (table->label_kind != tables[0]->label_kind) {
      throw DataError(text(table->file, ": the labels in column \"", table->label_name,
                           "\" are of another kind than in ", tables[0]->file));
    }
    if (table->label_kind != Table::LabelKind::Texts) {
      result.push_back(number_labels(*table));
      continue;
    }
    for (const std::string& name :
         std::set<std::string>(table->label_texts.texts.begin(), table->label_texts.texts.end())) {
      if (class_of.try_emplace(name, names.size()).second) names.push_back(name);
    }
    Labels labels;
    labels.classes = Tensor({table->rows}, DType::I64);
    std::ranges::transform(
        table->label_texts.codes, labels.classes.values<std::int64_t>().begin(),
        [&](std::uint32_t code) { return class_of.at(table->label_texts.texts[code]); });
    result.push_back(std::move(labels));
  }
  for (Labels& labels : result) {
    if (labels.has_classes()) labels.class_names = names;
  }
  return result;
}

}  // namespace hourglass
