#pragma once

#include <deque>
#include <span>
#include <vector>

namespace hourglass {

/// What the last steps of a descent tell of a function's curvature: limited-memory BFGS without its
/// line search. Of each pair, the step that was taken and what it did to the gradient.
class Curvature {
 public:
  explicit Curvature(int history) : history_(history) {}

  /// Keeps a pair; one whose product is not positive tells nothing.
  void add(std::vector<double> step, std::vector<double> change);
  void forget() { pairs_.clear(); }
  bool empty() const { return pairs_.empty(); }
  /// The direction of descent: -gradient through the inverse Hessian that the pairs tell of.
  /// Without any, of length 1 at most.
  std::vector<double> direction(std::span<const double> gradient) const;

 private:
  struct Pair {
    std::vector<double> step, change;
    double product;
  };
  int history_;
  std::deque<Pair> pairs_;
};

double dot(std::span<const double> a, std::span<const double> b);
double norm(std::span<const double> a);
/// a += factor b.
void add_scaled(std::span<double> a, double factor, std::span<const double> b);
std::vector<double> difference(std::span<const double> a, std::span<const double> b);

}  // namespace hourglass
