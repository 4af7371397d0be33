#pragma once

namespace hourglass::test {

/// Counts calls of malloc and its relatives, operator new included, between construction and
/// `count`, on all threads; those that oneDNN or the OpenMP runtime make do not count. Nothing is
/// counted where a sanitizer has its own malloc.
class AllocationCount {
 public:
  AllocationCount();
  ~AllocationCount();
  long count() const;
  /// Whether allocations are seen at all in this build.
  static bool works();
};

}  // namespace hourglass::test
