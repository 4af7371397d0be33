#include <hourglass/statistics/assignment.hpp>

#include <cassert>
#include <limits>

namespace hourglass {
namespace {

constexpr std::int64_t kNone = -1;

// Rows, of which there are no more than columns, get their columns one after another: each new row
// takes the path of least cost from itself to a free column, on which rows before it change theirs.
// Costs are values less what rows and columns pay for, so that none on a path is negative.
class Assignment {
 public:
  Assignment(std::span<const float> values, std::int64_t rows, std::int64_t columns,
             bool transposed)
      : values_(values),
        rows_(rows),
        columns_(columns),
        transposed_(transposed),
        row_price_(size(rows), 0.0),
        column_price_(size(columns), 0.0),
        row_of_(size(columns), kNone) {}

  // The row of each column.
  const std::vector<std::int64_t>& solve() {
    for (std::int64_t row = 0; row < rows_; ++row) place(row);
    return row_of_;
  }

 private:
  static std::size_t size(std::int64_t count) { return static_cast<std::size_t>(count); }

  double cost(std::int64_t row, std::int64_t column) const {
    const std::int64_t at = transposed_ ? column * rows_ + row : row * columns_ + column;
    return -double{values_[size(at)]} - row_price_[size(row)] - column_price_[size(column)];
  }

  void place(std::int64_t new_row) {
    constexpr double kFar = std::numeric_limits<double>::infinity();
    std::vector<double> distance(size(columns_), kFar);
    std::vector<std::int64_t> before(size(columns_), kNone);  // the column before on the path
    std::vector<bool> reached(size(columns_), false);
    std::int64_t row = new_row, last = kNone;
    double length = 0;
    do {
      std::int64_t nearest = kNone;
      for (std::int64_t column = 0; column < columns_; ++column) {
        if (reached[size(column)]) continue;
        const double through = length + cost(row, column);
        if (through < distance[size(column)]) {
          distance[size(column)] = through;
          before[size(column)] = last;
        }
        if (nearest == kNone || distance[size(column)] < distance[size(nearest)]) nearest = column;
      }
      length = distance[size(nearest)];
      reached[size(nearest)] = true;
      last = nearest;
      row = row_of_[size(nearest)];
    } while (row != kNone);

    row_price_[size(new_row)] += length;
    for (std::int64_t column = 0; column < columns_; ++column) {
      if (!reached[size(column)] || column == last) continue;
      column_price_[size(column)] -= length - distance[size(column)];
      row_price_[size(row_of_[size(column)])] += length - distance[size(column)];
    }
    while (before[size(last)] != kNone) {
      row_of_[size(last)] = row_of_[size(before[size(last)])];
      last = before[size(last)];
    }
    row_of_[size(last)] = new_row;
  }

  std::span<const float> values_;
  std::int64_t rows_, columns_;
  bool transposed_;  // values are stored column by column
  std::vector<double> row_price_, column_price_;
  std::vector<std::int64_t> row_of_;
};

}  // namespace

std::vector<std::int64_t> best_assignment(std::span<const float> values, std::int64_t rows,
                                          std::int64_t columns) {
  assert(std::ssize(values) == rows * columns);
  const bool tall = rows > columns;
  Assignment assignment(values, tall ? columns : rows, tall ? rows : columns, tall);
  const std::vector<std::int64_t>& found = assignment.solve();
  if (tall) return found;
  std::vector<std::int64_t> column_of(static_cast<std::size_t>(rows), kNone);
  for (std::size_t column = 0; column < found.size(); ++column) {
    if (found[column] != kNone) {
      column_of[static_cast<std::size_t>(found[column])] = static_cast<std::int64_t>(column);
    }
  }
  return column_of;
}

}  // namespace hourglass
