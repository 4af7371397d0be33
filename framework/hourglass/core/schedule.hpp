#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace hourglass {

/// A number that moves with training: a pure function of the step, so that a resumed run sees the
/// same values. A plain number converts to a constant schedule.
///
///     Schedule beta = 1.0f;
///     Schedule rate = Schedule::cosine(1e-3, 1e-5, 20, Schedule::Unit::Epochs).warmed_up(1);
class HOURGLASS_API Schedule {
 public:
  enum class Kind { Constant, Linear, Step, Cosine, Exponential, Cyclic };
  /// What lengths (`over`, `warmup`) are counted in.
  enum class Unit { Steps, Epochs };

  Schedule() = default;
  Schedule(double value) : from_(value), to_(value) {}

  /// From `from` to `to` in a straight line over `over` units, then constant.
  static Schedule linear(double from, double to, double over, Unit unit);
  /// `from`, multiplied by `factor` after every `over` units.
  static Schedule step(double from, double factor, double over, Unit unit);
  /// to + (from - to) (1 + cos(pi t)) / 2 with t from 0 to 1 over `over` units, then `to`.
  /// I. Loshchilov, F. Hutter, "SGDR", 2017.
  static Schedule cosine(double from, double to, double over, Unit unit);
  /// from * factor^(t / over): `step` without the steps.
  static Schedule exponential(double from, double factor, double over, Unit unit);
  /// Again and again, every `over` units: from `from` to `to` in a straight line over the first
  /// half, then `to`.  H. Fu et al., "Cyclical annealing schedule", 2019.
  static Schedule cyclic(double from, double to, double over, Unit unit);
  /// The same, multiplied by a factor that grows in a straight line from 1/n to 1 over the first
  /// n = `length` units (in steps). Without `unit`, the schedule's own.
  Schedule warmed_up(double length) const;
  Schedule warmed_up(double length, Unit unit) const;

  /// The value at `step`, counted from 0. `steps_per_epoch` turns epochs into steps; what runs on
  /// some batches only may have a fraction of a step in an epoch.
  double at(std::int64_t step, double steps_per_epoch) const;

  Kind kind() const { return kind_; }
  Unit unit() const { return unit_; }
  bool is_constant() const { return kind_ == Kind::Constant && warmup_ == 0; }
  double from() const { return from_; }
  double to() const { return to_; }
  double factor() const { return factor_; }
  double over() const { return over_; }
  double warmup() const { return warmup_; }
  Unit warmup_unit() const { return warmup_unit_; }
  /// The least and the greatest value that the schedule reaches, or tends to, once warm; for range
  /// checks.
  double least() const;
  double greatest() const;

  friend bool operator==(const Schedule&, const Schedule&) = default;

 private:
  Kind kind_ = Kind::Constant;
  Unit unit_ = Unit::Steps;
  Unit warmup_unit_ = Unit::Steps;
  double from_ = 0;
  double to_ = 0;
  double factor_ = 1;
  double over_ = 1;
  double warmup_ = 0;
};

}  // namespace hourglass
