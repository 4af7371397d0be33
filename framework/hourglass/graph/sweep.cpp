#include <hourglass/core/cpu.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/graph/sweep.hpp>
#include <hourglass/graph/sweep_kernels.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>

namespace hourglass {

int SweepBuilder::add(Code code, std::initializer_list<int> inputs, float p, float q) {
  int output = 0;
  add(code, inputs, std::span(&output, 1), {p, q, 0, 0});
  return output;
}

void SweepBuilder::add(Code code, std::initializer_list<int> inputs, std::span<int> outputs,
                       std::array<float, 4> constants) {
  Instruction instruction{code, {}, {}, constants};
  instruction.inputs.fill(-1);
  instruction.outputs.fill(-1);
  std::copy(inputs.begin(), inputs.end(), instruction.inputs.begin());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    outputs[i] = instruction.outputs[i] = registers_++;
  }
  instructions_.push_back(instruction);
}

void SweepBuilder::merge_pairs() {
  // Sigmoid and softplus of one register come together in every cross-entropy with its gradient.
  for (std::size_t i = 0; i < instructions_.size(); ++i) {
    Instruction& first = instructions_[i];
    if (first.code != Code::Sigmoid && first.code != Code::Softplus) continue;
    const Code other = first.code == Code::Sigmoid ? Code::Softplus : Code::Sigmoid;
    const auto second = std::find_if(
        instructions_.begin() + i + 1, instructions_.end(), [&](const Instruction& each) {
          return each.code == other && each.inputs[0] == first.inputs[0];
        });
    if (second == instructions_.end()) continue;
    const int sigmoid = first.code == Code::Sigmoid ? first.outputs[0] : second->outputs[0];
    const int softplus = first.code == Code::Softplus ? first.outputs[0] : second->outputs[0];
    first.code = Code::SigmoidSoftplus;
    first.outputs = {sigmoid, softplus, -1};
    instructions_.erase(second);
  }
}

namespace {

/// How a register of one instruction stream gets its values.
enum class Source : std::uint8_t {
  Tile,      // computed into scratch memory
  Direct,    // elements stand one after another in a tensor
  Repeated,  // one element for a whole row, spread over a tile
  Constant,  // one element for the whole sweep, spread over a tile once
  Periodic,  // a few elements over and over, as those of a bias where channels are the last axis
  Gathered,  // elements with a stride, copied into a tile
};

struct Access {
  std::vector<std::int64_t> outer;  // strides of the outer axes
  std::int64_t inner = 0;
  std::int64_t period = 0;  // elements after which the inner axis begins anew; 0: never
};

class SweepKernel final : public Kernel {
 public:
  explicit SweepKernel(SweepPlan plan) : plan_(std::move(plan)) {
    collapse();
    assign_registers();
    note_watched();
  }

  std::size_t scratch_bytes() const override {
    std::int64_t floats = 0;
    for (const std::int64_t kept : kept_) floats += kept * units_;
    return partials_offset() + static_cast<std::size_t>(floats) * sizeof(float);
  }

  std::string implementation() const override {
    return text("sweep:", name_of(isa()), plan_.foldings.empty() ? "" : ":fold");
  }

  void bind(const Binding& binding) override {
    inputs_.assign(binding.inputs.begin(), binding.inputs.end());
    outputs_.assign(binding.outputs.begin(), binding.outputs.end());
    spoilt_.resize(outputs_.size());
    scratch_ = binding.scratch;
    for (const auto& each : plan_.streams) {
      each.source->bind(binding.inputs.subspan(each.binding, each.count));
    }
    place_outputs();
  }

  bool is_spoilt(int output) const override { return spoilt_[output] != 0; }

  void run() override {
    std::ranges::fill(spoilt_, std::uint8_t{0});
    const std::int64_t cost = std::max<std::int64_t>(tile_ * std::ssize(program_), 1);
    const std::int64_t grain = std::max<std::int64_t>(16384 / cost, 1);
    parallel_for(units_, grain, [&](std::int64_t begin, std::int64_t end) { sweep(begin, end); });
    for (std::size_t i = 0; i < plan_.foldings.size(); ++i) finish_fold(i);
  }

 private:
  /// Drops axes of one element and joins neighbours that all tensors cross without a jump.
  void collapse() {
    std::vector<std::vector<std::int64_t>*> strides;
    for (auto& each : plan_.inputs) strides.push_back(&each.strides);
    for (auto& each : plan_.outputs) strides.push_back(&each.strides);
    for (auto& each : plan_.foldings) strides.push_back(&each.tensor.strides);

    std::vector<std::int64_t> extents;
    std::vector<std::vector<std::int64_t>> joined(strides.size());
    for (int axis = 0; axis < plan_.domain.rank(); ++axis) {
      const std::int64_t extent = plan_.domain[axis];
      if (extent == 1) continue;
      bool joins = !extents.empty() && !plan_.by_columns;
      for (std::size_t t = 0; joins && t < strides.size(); ++t) {
        joins = joined[t].back() == (*strides[t])[axis] * extent;
      }
      if (joins) {
        extents.back() *= extent;
        for (std::size_t t = 0; t < strides.size(); ++t) joined[t].back() = (*strides[t])[axis];
      } else {
        extents.push_back(extent);
        for (std::size_t t = 0; t < strides.size(); ++t) joined[t].push_back((*strides[t])[axis]);
      }
    }
    // A tile is folded into one number, or into a short row of them that lie side by side; else
    // each row is one element long.
    const std::size_t foldings = plan_.foldings.size();
    const bool is_hard = std::any_of(joined.end() - static_cast<std::ptrdiff_t>(foldings),
                                     joined.end(), [&](const auto& each) {
                                       return !each.empty() && each.back() != 0 &&
                                              (each.back() != 1 || extents.back() >= kLongRow);
                                     });
    if (extents.empty() || is_hard) {
      extents.push_back(1);
      for (auto& each : joined) each.push_back(1);
    }
    inner_ = extents.back();
    extents.pop_back();
    for (const auto& each : joined) {
      accesses_.push_back({{each.begin(), each.end() - 1}, each.back(), 0});
    }
    lengthen(extents);
    for (std::size_t i = 0; i < foldings; ++i) {
      const Access& access = fold_access(i);
      kept_.push_back(access.inner == 0 || inner_ == 1 ? 1
                      : access.period > 0              ? access.period
                                                       : inner_);
    }
    outer_ = extents;
    rows_ = 1;
    for (std::int64_t extent : outer_) rows_ *= extent;
  }

  /// Joins the last outer axis to a short inner one, where inputs and folds that the outer one does
  /// not move begin anew: tiles of a few elements cost more than they compute.
  void lengthen(std::vector<std::int64_t>& extents) {
    const std::size_t inputs = plan_.inputs.size(), outputs = plan_.outputs.size();
    const auto joins = [&](std::size_t t) {
      const Access& each = accesses_[t];
      // A fold that keeps the inner axis would keep the longer one, as long as that gets.
      if (t >= inputs + outputs && each.inner != 0) return false;
      return each.period == 0 && each.outer.back() == each.inner * inner_;
    };
    const auto repeats = [&](std::size_t t) {
      const Access& each = accesses_[t];
      return (t < inputs || t >= inputs + outputs) && each.outer.back() == 0 &&
             (period_ == 0 ? each.inner == 1 : each.period == period_);
    };
    while (!extents.empty() && inner_ < kLongRow && inner_ > 1) {
      for (std::size_t t = 0; t < accesses_.size(); ++t) {
        if (!joins(t) && !repeats(t)) return;
      }
      const std::int64_t period = period_ == 0 ? inner_ : period_;
      for (std::size_t t = 0; t < accesses_.size(); ++t) {
        if (!joins(t)) accesses_[t].period = period_ = period;
        accesses_[t].outer.pop_back();
      }
      inner_ *= extents.back();
      extents.pop_back();
    }
  }

  const Access& input_access(std::size_t i) const { return accesses_[i]; }
  const Access& output_access(std::size_t i) const { return accesses_[plan_.inputs.size() + i]; }
  const Access& fold_access(std::size_t i) const {
    return accesses_[plan_.inputs.size() + plan_.outputs.size() + i];
  }

  Source source_of(const Access& access) const {
    if (access.period > 0) return Source::Periodic;
    const bool fixed = std::ranges::all_of(access.outer, [](std::int64_t s) { return s == 0; });
    if (access.inner == 1) return Source::Direct;
    if (access.inner == 0) return fixed ? Source::Constant : Source::Repeated;
    return inner_ == 1 ? Source::Direct : Source::Gathered;
  }

  /// Gives every register that is not read in place a tile of its own, reused after its last use.
  void assign_registers() {
    program_ = plan_.instructions;
    sources_.assign(plan_.registers, Source::Tile);
    tiles_.assign(plan_.registers, -1);
    std::vector<int> last_use(plan_.registers, -1);
    for (std::size_t k = 0; k < program_.size(); ++k) {
      for (int reg : program_[k].inputs) {
        if (reg >= 0) last_use[reg] = static_cast<int>(k);
      }
    }
    const int end = static_cast<int>(program_.size());
    for (const auto& each : plan_.outputs) last_use[each.reg] = end;
    for (const auto& each : plan_.foldings) last_use[each.tensor.reg] = end;

    std::vector<int> free;
    int count = 0;
    const auto take = [&](int reg) {
      if (free.empty()) free.push_back(count++);
      tiles_[reg] = free.back();
      free.pop_back();
    };
    for (std::size_t i = 0; i < plan_.inputs.size(); ++i) {
      const int reg = plan_.inputs[i].reg;
      sources_[reg] = source_of(input_access(i));
      // What is stored as it came must be read before its memory may be written.
      if (sources_[reg] == Source::Direct && plan_.outputs.size() > 1 && is_output(reg)) {
        sources_[reg] = Source::Gathered;
      }
      if (sources_[reg] != Source::Direct) {
        take(reg);
        last_use[reg] = end;  // constants and rows stay filled from tile to tile
      }
    }
    for (const auto& each : plan_.streams) take(each.reg);
    for (std::size_t k = 0; k < program_.size(); ++k) {
      for (int reg : program_[k].outputs) {
        if (reg >= 0) take(reg);
      }
      for (int reg : program_[k].inputs) {
        if (reg >= 0 && tiles_[reg] >= 0 && last_use[reg] == static_cast<int>(k)) {
          free.push_back(tiles_[reg]);
          last_use[reg] = -1;  // freed once, also when an instruction reads it twice
        }
      }
      for (int reg : program_[k].outputs) {
        if (reg >= 0 && last_use[reg] < 0) free.push_back(tiles_[reg]);
      }
    }
    tile_count_ = count;
    // Tiles together fill no more than half of the first-level cache.
    constexpr std::int64_t kCacheFloats = 4096;
    tile_ = std::clamp<std::int64_t>(kCacheFloats / std::max(count, 1) / 64 * 64, 256, 2048);
    if (period_ > 0) tile_ = tile_ / period_ * period_;  // every tile begins with a period
    tile_ = std::min(tile_, (inner_ + 15) / 16 * 16);
    threads_ = thread_count();
    shares_ = plan_.by_columns ? threads_ : 1;
    const std::int64_t columns = (inner_ + shares_ - 1) / shares_;
    tiles_per_row_ = columns == 0 ? 0 : (columns + tile_ - 1) / tile_;
    units_ = shares_ * rows_ * tiles_per_row_;
    addresses_.resize(threads_ * addresses_per_thread());
  }

  /// So many that no two threads write to one cache line.
  std::int64_t addresses_per_thread() const { return plan_.registers + 8; }

  void note_watched() {
    for (const SweepPlan::Tensor& output : plan_.outputs) {
      if (!output.watched) continue;
      const bool by_code = std::ranges::any_of(program_, [&](const Instruction& each) {
        return each.code == Code::Adam &&
               std::ranges::find(each.outputs, output.reg) != each.outputs.end();
      });
      watched_.push_back({output.reg, output.binding, by_code});
    }
  }

  bool is_output(int reg) const {
    return std::ranges::any_of(plan_.outputs, [&](const auto& each) { return each.reg == reg; });
  }

  /// Lets the instruction that computes an output write it in place, where nothing that comes
  /// later still reads what stood there before.
  void place_outputs() {
    targets_.assign(plan_.registers, -1);
    copies_.clear();
    for (std::size_t i = 0; i < plan_.outputs.size(); ++i) {
      const int reg = plan_.outputs[i].reg;
      const auto holds = [&](const auto& input) { return input.reg == reg; };
      const bool computed =
          std::ranges::none_of(plan_.inputs, holds) && std::ranges::none_of(plan_.streams, holds);
      if (computed && targets_[reg] < 0 && !read_later(i)) {
        targets_[reg] = static_cast<int>(i);
      } else {
        copies_.push_back(static_cast<int>(i));
      }
    }
  }

  bool read_later(std::size_t output) const {
    const std::byte* memory = outputs_[plan_.outputs[output].binding];
    const int reg = plan_.outputs[output].reg;
    std::size_t writer = 0;
    while (std::ranges::find(program_[writer].outputs, reg) == program_[writer].outputs.end()) {
      ++writer;
    }
    const auto is_read_after = [&](int old) {
      for (std::size_t k = writer + 1; k < program_.size(); ++k) {
        if (std::ranges::find(program_[k].inputs, old) != program_[k].inputs.end()) return true;
      }
      return std::ranges::any_of(plan_.outputs, [&](const auto& o) { return o.reg == old; }) ||
             std::ranges::any_of(plan_.foldings,
                                 [&](const auto& f) { return f.tensor.reg == old; });
    };
    return std::ranges::any_of(plan_.inputs, [&](const SweepPlan::Tensor& input) {
      return inputs_[input.binding] == memory && is_read_after(input.reg);
    });
  }

  std::int64_t offset(const Access& access, std::int64_t row) const {
    std::int64_t at = 0;
    for (std::size_t axis = outer_.size(); axis-- > 0;) {
      at += row % outer_[axis] * access.outer[axis];
      row /= outer_[axis];
    }
    return at;
  }

  std::size_t partials_offset() const {
    return static_cast<std::size_t>(threads_) * tile_count_ * tile_ * sizeof(float);
  }
  float* partials(std::size_t folding) const {
    float* at = reinterpret_cast<float*>(scratch_ + partials_offset());
    for (std::size_t i = 0; i < folding; ++i) at += kept_[i] * units_;
    return at;
  }

  /// A tile of a row.
  struct Unit {
    std::int64_t row, first, n;
  };

  /// Units are numbered share by share, row by row, tile by tile; a share is one unless threads
  /// take columns.
  Unit unit_at(std::int64_t number) const {
    const std::int64_t tile = number % tiles_per_row_, row = number / tiles_per_row_ % rows_;
    const std::int64_t share = number / tiles_per_row_ / rows_;
    const std::int64_t first = inner_ * share / shares_ + tile * tile_;
    const std::int64_t end = inner_ * (share + 1) / shares_;
    return {row, first, std::clamp<std::int64_t>(end - first, 0, tile_)};
  }

  void sweep(std::int64_t begin, std::int64_t end) {
    const VectorKernels& vector = vector_kernels();
    float* const tiles =
        reinterpret_cast<float*>(scratch_) + std::int64_t{thread_index()} * tile_count_ * tile_;
    float** const at = addresses_.data() + thread_index() * addresses_per_thread();
    for (int reg = 0; reg < plan_.registers; ++reg) {
      at[reg] = tiles_[reg] < 0 ? nullptr : tiles + tiles_[reg] * tile_;
    }
    for (std::size_t i = 0; i < plan_.inputs.size(); ++i) {
      const auto& input = plan_.inputs[i];
      if (sources_[input.reg] == Source::Constant) {
        vector.fill(at[input.reg], *tensor(input), tile_);
      }
    }
    std::int64_t filled_row = -1;
    for (std::int64_t unit = begin; unit < end; ++unit) {
      const auto [row, first, n] = unit_at(unit);
      for (std::size_t i = 0; i < plan_.inputs.size(); ++i) {
        const auto& input = plan_.inputs[i];
        const Access& access = input_access(i);
        switch (sources_[input.reg]) {
          case Source::Direct: at[input.reg] = tensor(input) + offset(access, row) + first; break;
          case Source::Repeated:
            if (row != filled_row) {
              vector.fill(at[input.reg], tensor(input)[offset(access, row)], tile_);
            }
            break;
          case Source::Periodic:
            if (row != filled_row) repeat(at[input.reg], tensor(input) + offset(access, row));
            break;
          case Source::Gathered:
            vector.gather(at[input.reg], tensor(input) + offset(access, row) + first * access.inner,
                          access.inner, n);
            break;
          default: break;
        }
      }
      filled_row = row;
      for (const auto& each : plan_.streams) {
        each.source->fill(at[each.reg], row * inner_ + first, n);
      }
      for (int reg = 0; reg < plan_.registers; ++reg) {
        if (targets_[reg] >= 0) at[reg] = output_at(targets_[reg], row, first);
      }
      bool finite = true;
      for (const Instruction& each : program_) execute(vector, each, at, n, finite);
      watch(vector, at, n, finite);
      for (std::size_t i = 0; i < plan_.foldings.size(); ++i) {
        const auto& folding = plan_.foldings[i];
        const float* tile = at[folding.tensor.reg];
        if (kept_[i] > 1) {
          fold_rows(folding.fold, tile, n, kept_[i], partials(i) + unit * kept_[i]);
        } else {
          partials(i)[unit] = (folding.fold == Fold::Sum ? vector.sum : vector.maximum)(tile, n);
        }
      }
      for (int output : copies_) {
        const Tile tile{n, {output_at(output, row, first)}, {at[plan_.outputs[output].reg]}, {}};
        vector.codes[static_cast<int>(Code::Copy)](tile);
      }
    }
  }

  /// Folds rows of `kept` elements, one after another in a tile, into one.
  static void fold_rows(Fold fold, const float* tile, std::int64_t n, std::int64_t kept,
                        float* result) {
    const VectorKernels& vector = vector_kernels();
    const auto accumulate = fold == Fold::Sum ? vector.accumulate : vector.accumulate_maximum;
    // Several rows at once, since one is short.
    std::array<float, kLongRow> sums;
    std::int64_t wide = kept;
    while (2 * wide <= std::min(n, kLongRow)) wide *= 2;
    std::copy_n(tile, wide, sums.data());
    for (std::int64_t k = wide; k < n; k += wide) {
      accumulate(sums.data(), tile + k, std::min(wide, n - k));
    }
    for (; wide > kept; wide /= 2) accumulate(sums.data(), sums.data() + wide / 2, wide / 2);
    std::copy_n(sums.data(), kept, result);
  }

  /// Fills a tile with the first elements of `x`, over and over.
  void repeat(float* tile, const float* x) const {
    for (std::int64_t filled = 0; filled < tile_; filled += period_) {
      std::memcpy(tile + filled, x, std::min(period_, tile_ - filled) * sizeof(float));
    }
  }

  static void execute(const VectorKernels& vector, const Instruction& instruction, float* const* at,
                      std::int64_t n, bool& finite) {
    Tile tile;
    tile.n = n;
    tile.finite = &finite;
    for (int i = 0; i < 3; ++i) {
      const int reg = instruction.outputs[i];
      if (reg < 0) break;
      tile.y[i] = at[reg];
    }
    for (int i = 0; i < 6; ++i) {
      const int reg = instruction.inputs[i];
      if (reg < 0) break;
      tile.x[i] = at[reg];
    }
    std::copy(instruction.constants.begin(), instruction.constants.end(), tile.p);
    vector.codes[static_cast<int>(instruction.code)](tile);
  }

  /// Looks at what variables are about to take, or took just now, while it is in cache; results of
  /// Adam only when it found one that is not `finite`.
  void watch(const VectorKernels& vector, float* const* at, std::int64_t n, bool finite) {
    for (const Watched& each : watched_) {
      if ((finite && each.by_code) || vector.all_finite(at[each.reg], n)) continue;
      std::atomic_ref(spoilt_[each.binding]).store(1, std::memory_order_relaxed);
    }
  }

  float* tensor(const SweepPlan::Tensor& input) const {
    return reinterpret_cast<float*>(inputs_[input.binding]);
  }
  float* output_at(int output, std::int64_t row, std::int64_t first) const {
    const auto& tensor = plan_.outputs[output];
    return reinterpret_cast<float*>(outputs_[tensor.binding]) + offset(output_access(output), row) +
           first;
  }

  /// Folds the parts that the tiles left, in their order, whoever computed them.
  void finish_fold(std::size_t i) {
    const SweepPlan::Folding& folding = plan_.foldings[i];
    float* result = reinterpret_cast<float*>(outputs_[folding.tensor.binding]);
    const bool sum = folding.fold == Fold::Sum;
    const float start = sum ? 0.0f : -std::numeric_limits<float>::infinity();
    std::fill_n(result, folding.size, start);
    const Access& access = fold_access(i);
    const float* parts = partials(i);
    const std::int64_t kept = kept_[i];
    const VectorKernels& vector = vector_kernels();
    const auto accumulate = sum ? vector.accumulate : vector.accumulate_maximum;
    for (std::int64_t row = 0; row < rows_; ++row) {
      float& target = result[offset(access, row)];
      for (std::int64_t share = 0; share < shares_; ++share) {
        const float* part = parts + (share * rows_ + row) * tiles_per_row_ * kept;
        for (std::int64_t tile = 0; tile < tiles_per_row_; ++tile, part += kept) {
          if (kept > 1) {
            accumulate(&target, part, kept);
          } else if (sum) {
            target += *part;
          } else {
            target = *part > target || *part != *part ? *part : target;
          }
        }
      }
    }
    if (folding.scale != 1) {
      for (std::int64_t k = 0; k < folding.size; ++k) result[k] *= folding.scale;
    }
  }

  SweepPlan plan_;
  std::vector<Instruction> program_;
  std::vector<Access> accesses_;  // inputs, outputs, foldings
  std::vector<std::int64_t> outer_;
  std::int64_t inner_ = 1;
  std::int64_t period_ = 0;         // of those inputs and folds that have one
  std::vector<std::int64_t> kept_;  // by folding: the numbers that a tile is folded into
  std::int64_t rows_ = 1;
  std::int64_t tile_ = 0;
  std::int64_t tiles_per_row_ = 0;
  std::int64_t shares_ = 1;  // of columns
  std::int64_t units_ = 0;
  int tile_count_ = 0;
  int threads_ = 1;
  std::vector<Source> sources_;    // by register
  std::vector<int> tiles_;         // by register: its tile, or -1
  std::vector<int> targets_;       // by register: the output it is computed into, or -1
  std::vector<int> copies_;        // outputs that are copied at the end of a tile
  std::vector<float*> addresses_;  // by thread and register: where its tile is
  std::vector<std::byte*> inputs_;
  std::vector<std::byte*> outputs_;
  std::byte* scratch_ = nullptr;
  struct Watched {
    int reg;
    int binding;
    bool by_code;  // the instruction that computes it looks at it
  };
  std::vector<Watched> watched_;
  std::vector<std::uint8_t> spoilt_;  // by output
};

}  // namespace

std::unique_ptr<Kernel> make_sweep(SweepPlan plan) {
  return std::make_unique<SweepKernel>(std::move(plan));
}

}  // namespace hourglass
