#pragma once

#include <hourglass/core/api.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace hourglass {

/// A piece of memory that is needed from one step of a program to another, both included.
struct Lifetime {
  std::size_t bytes = 0;
  int first = 0;
  int last = 0;
};

struct MemoryPlan {
  std::vector<std::size_t> offsets;  // one a lifetime, 64-byte aligned
  std::size_t bytes = 0;             // of the whole arena
};

/// Places lifetimes so that those that overlap in time do not overlap in memory: the largest
/// first, each in the smallest gap that takes it.
HOURGLASS_API MemoryPlan plan_memory(std::span<const Lifetime> lifetimes);

/// The one block that all programs of a model compute in, as large as the largest of them needs.
/// Nothing in it outlives a run.
class HOURGLASS_API Arena {
 public:
  /// Grows to at least `bytes`; what is bound to the old memory must be bound again.
  void reserve(std::size_t bytes);
  std::byte* memory() const { return memory_.get(); }
  std::size_t bytes() const { return bytes_; }
  /// Changes whenever the memory has moved.
  int generation() const { return generation_; }

 private:
  std::shared_ptr<std::byte> memory_;
  std::size_t bytes_ = 0;
  int generation_ = 0;
};

}  // namespace hourglass
