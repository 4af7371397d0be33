#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/statistics/nearest_neighbours.hpp>
#include <hourglass/statistics/product.hpp>

#include <algorithm>
#include <atomic>
#include <utility>

namespace hourglass {
namespace {

constexpr std::int64_t kQueries = 128, kRows = 1024;  // of one product
constexpr std::size_t kSpare = 16;                    // candidates beyond those that are wanted

// Rows with the least distances so far.
class Candidates {
 public:
  explicit Candidates(std::size_t most) : most_(most) {}

  bool wants(float distance) const {
    return heap_.size() < most_ || distance < heap_.front().first;
  }
  void add(float distance, std::int64_t row) {
    if (heap_.size() == most_) {
      std::ranges::pop_heap(heap_);
      heap_.pop_back();
    }
    heap_.emplace_back(distance, row);
    std::ranges::push_heap(heap_);
  }
  const std::vector<std::pair<float, std::int64_t>>& all() const { return heap_; }

 private:
  std::size_t most_;
  std::vector<std::pair<float, std::int64_t>> heap_;  // the farthest first
};

double squared_distance(const float* a, const float* b, std::int64_t features) {
  double sum = 0;
  for (std::int64_t i = 0; i < features; ++i) {
    const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return sum;
}

// `rows` [count, features] from row `first` on, zeros beyond its end.
void copy_rows(const Tensor& rows, std::int64_t first, std::int64_t count, Tensor& part) {
  const std::int64_t features = part.shape()[1];
  const std::int64_t there = std::min(count, rows.shape()[0] - first);
  std::copy_n(rows.floats().begin() + first * features, there * features, part.floats().begin());
  std::fill(part.floats().begin() + there * features, part.floats().end(), 0.0f);
}

std::int32_t vote(const std::vector<std::pair<double, std::int64_t>>& nearest,
                  std::span<const std::int32_t> classes) {
  std::int32_t winner = 0;
  std::int64_t most = 0;
  // From the nearest on, so that the first class to have the most votes has the nearest row.
  for (const auto& [distance, row] : nearest) {
    const std::int32_t own = classes[static_cast<std::size_t>(row)];
    const std::int64_t votes = std::ranges::count_if(nearest, [&](const auto& other) {
      return classes[static_cast<std::size_t>(other.second)] == own;
    });
    if (votes > most) {
      most = votes;
      winner = own;
    }
  }
  return winner;
}

// What one thread works with.
struct Worker {
  explicit Worker(std::int64_t features)
      : product({kQueries, features}, {features, kRows, true}),
        queries(Shape{kQueries, features}),
        products(Shape{kQueries, kRows}) {}
  LoneProduct product;
  Tensor queries, products;
};

class Search {
 public:
  Search(const Tensor& rows, std::span<const std::int32_t> classes, const Tensor& queries,
         std::int64_t neighbours)
      : rows_(rows),
        classes_(classes),
        queries_(queries),
        neighbours_(static_cast<std::size_t>(neighbours)),
        features_(rows.size() / rows.shape()[0]),
        last_(Shape{kRows, features_}),
        squares_(static_cast<std::size_t>(rows.shape()[0])) {
    copy_rows(rows, rows.shape()[0] / kRows * kRows, kRows, last_);
    parallel_for(rows.shape()[0], 256, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        const float* x = rows_.floats().data() + row * features_;
        double sum = 0;
        for (std::int64_t i = 0; i < features_; ++i) sum += static_cast<double>(x[i]) * x[i];
        squares_[static_cast<std::size_t>(row)] = static_cast<float>(sum);
      }
    });
  }

  // The classes of the block of queries from `first` on; false is a failure of oneDNN.
  bool run(std::int64_t first, Worker& worker, std::int32_t* result) const {
    const std::int64_t count = std::min(kQueries, queries_.shape()[0] - first);
    copy_rows(queries_, first, kQueries, worker.queries);
    std::vector<Candidates> candidates(static_cast<std::size_t>(count),
                                       Candidates(neighbours_ + kSpare));
    for (std::int64_t row = 0; row < rows_.shape()[0]; row += kRows) {
      const bool whole = row + kRows <= rows_.shape()[0];
      const float* part = whole ? rows_.floats().data() + row * features_ : last_.floats().data();
      if (!worker.product(worker.queries.floats().data(), part, worker.products.floats().data())) {
        return false;
      }
      const std::int64_t there = std::min(kRows, rows_.shape()[0] - row);
      for (std::int64_t query = 0; query < count; ++query) {
        const float* products = worker.products.floats().data() + query * kRows;
        const float* squares = squares_.data() + row;
        Candidates& own = candidates[static_cast<std::size_t>(query)];
        for (std::int64_t i = 0; i < there; ++i) {
          const float distance = squares[i] - 2 * products[i];  // less the query's own square
          if (own.wants(distance)) own.add(distance, row + i);
        }
      }
    }
    for (std::int64_t query = 0; query < count; ++query) {
      result[query] = choose(queries_.floats().data() + (first + query) * features_,
                             candidates[static_cast<std::size_t>(query)]);
    }
    return true;
  }

  std::int64_t features() const { return features_; }

 private:
  std::int32_t choose(const float* query, const Candidates& candidates) const {
    std::vector<std::pair<double, std::int64_t>> nearest;
    for (const auto& [distance, row] : candidates.all()) {
      nearest.emplace_back(
          squared_distance(query, rows_.floats().data() + row * features_, features_), row);
    }
    std::ranges::sort(nearest);
    nearest.resize(neighbours_);
    return vote(nearest, classes_);
  }

  const Tensor& rows_;
  std::span<const std::int32_t> classes_;
  const Tensor& queries_;
  std::size_t neighbours_;
  std::int64_t features_;
  Tensor last_;  // the rows that fill no whole product
  std::vector<float> squares_;
};

}  // namespace

std::vector<std::int32_t> classify_by_neighbours(const Tensor& rows,
                                                 std::span<const std::int32_t> classes,
                                                 const Tensor& queries, std::int64_t neighbours) {
  const Search search(rows, classes, queries, neighbours);
  std::vector<Worker> workers;
  for (int i = 0; i < thread_count(); ++i) workers.emplace_back(search.features());
  const std::int64_t count = queries.shape()[0];
  std::vector<std::int32_t> result(static_cast<std::size_t>(count));
  std::atomic<bool> failed = false;
  parallel_for((count + kQueries - 1) / kQueries, 1, [&](std::int64_t begin, std::int64_t end) {
    Worker& worker = workers[static_cast<std::size_t>(thread_index())];
    for (std::int64_t block = begin; block < end; ++block) {
      if (!search.run(block * kQueries, worker, result.data() + block * kQueries)) failed = true;
    }
  });
  if (failed) throw Error("oneDNN failed to multiply matrices");
  return result;
}

}  // namespace hourglass
