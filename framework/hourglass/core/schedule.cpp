#include <hourglass/core/schedule.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hourglass {

Schedule Schedule::linear(double from, double to, double over, Unit unit) {
  Schedule result;
  result.kind_ = Kind::Linear;
  result.unit_ = unit;
  result.from_ = from;
  result.to_ = to;
  result.over_ = over;
  return result;
}

Schedule Schedule::cosine(double from, double to, double over, Unit unit) {
  Schedule result = linear(from, to, over, unit);
  result.kind_ = Kind::Cosine;
  return result;
}

Schedule Schedule::step(double from, double factor, double over, Unit unit) {
  Schedule result;
  result.kind_ = Kind::Step;
  result.unit_ = unit;
  result.from_ = from;
  result.factor_ = factor;
  result.over_ = over;
  return result;
}

Schedule Schedule::exponential(double from, double factor, double over, Unit unit) {
  Schedule result = step(from, factor, over, unit);
  result.kind_ = Kind::Exponential;
  return result;
}

Schedule Schedule::cyclic(double from, double to, double over, Unit unit) {
  Schedule result = linear(from, to, over, unit);
  result.kind_ = Kind::Cyclic;
  return result;
}

Schedule Schedule::warmed_up(double length) const { return warmed_up(length, unit_); }

Schedule Schedule::warmed_up(double length, Unit unit) const {
  Schedule result = *this;
  result.warmup_ = length;
  result.warmup_unit_ = unit;
  return result;
}

double Schedule::at(std::int64_t step, double steps_per_epoch) const {
  const auto in_steps = [&](double length, Unit unit) {
    return unit == Unit::Epochs ? length * steps_per_epoch : length;
  };
  const double time = static_cast<double>(step) / in_steps(over_, unit_);
  double value = from_;
  switch (kind_) {
    case Kind::Constant: break;
    case Kind::Linear: value += (to_ - from_) * std::min(time, 1.0); break;
    case Kind::Cyclic: value += (to_ - from_) * std::min(2 * (time - std::floor(time)), 1.0); break;
    case Kind::Step: value *= std::pow(factor_, std::floor(time)); break;
    case Kind::Exponential: value *= std::pow(factor_, time); break;
    case Kind::Cosine:
      value = to_ + (from_ - to_) * 0.5 * (1 + std::cos(std::numbers::pi * std::min(time, 1.0)));
      break;
  }
  const double warm_steps = in_steps(warmup_, warmup_unit_);
  if (static_cast<double>(step) < warm_steps) {
    value *= (static_cast<double>(step) + 1) / std::max(warm_steps, 1.0);
  }
  return value;
}

namespace {

/// Where `from`, multiplied by `factor` again and again, tends to.
double limit(double from, double factor) {
  if (factor < 1) return 0;
  return factor == 1 || from == 0 ? from : std::copysign(HUGE_VAL, from);
}

}  // namespace

double Schedule::least() const {
  switch (kind_) {
    case Kind::Constant: return from_;
    case Kind::Linear:
    case Kind::Cosine:
    case Kind::Cyclic: return std::min(from_, to_);
    default: return std::min(from_, limit(from_, factor_));
  }
}

double Schedule::greatest() const {
  switch (kind_) {
    case Kind::Constant: return from_;
    case Kind::Linear:
    case Kind::Cosine:
    case Kind::Cyclic: return std::max(from_, to_);
    default: return std::max(from_, limit(from_, factor_));
  }
}

}  // namespace hourglass
