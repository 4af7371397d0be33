#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/onednn/layout.hpp>
#include <hourglass/onednn/primitive.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

/// Whether `name` is the path of a parameter, or of a part that it belongs to: "encoder" stands for
/// "encoder.0.weight", and not for "encoders.0.weight".
HOURGLASS_API bool names_part(std::string_view name, std::string_view path);

/// Memory for the variables of one store that have found their layout, side by side in large
/// blocks; freed with the last owner of a piece of each block.
class HOURGLASS_API VariablePool {
 public:
  /// A piece of `bytes`, aligned for vector instructions.
  std::shared_ptr<std::byte> take(std::size_t bytes);
  /// Bytes that stand in memory for all pieces: the huge pages that they touch.
  std::size_t bytes() const { return full_ + (used_ + kHugePage - 1) / kHugePage * kHugePage; }

 private:
  std::shared_ptr<std::byte> block_;
  std::size_t size_ = 0;
  std::size_t used_ = 0;
  std::size_t full_ = 0;  // in blocks before this one
};

/// What outlives a step: a parameter, which optimisers move, or state (moments, statistics).
/// Lives outside the graphs, under a path such as "encoder.0.weight", and is shared by programs.
class HOURGLASS_API Variable {
 public:
  enum class Kind { Parameter, State };

  /// Without a pool, memory of its own.
  Variable(std::string path, Kind kind, Tensor initial,
           std::shared_ptr<VariablePool> pool = nullptr);

  const std::string& path() const { return path_; }
  Kind kind() const { return kind_; }
  const Shape& shape() const { return shape_; }

  /// The value as a plain array, whatever the layout at home; a copy.
  Tensor read() const;
  /// Throws ShapeError, naming the path, when the shapes differ.
  void write(const Tensor& plain);

  /// Has files hold this matrix [m, n] as [n, m]. Where it came from a file, `turn` it as well.
  void keep_turned() { kept_turned_ = true; }
  /// Exchanges the axes of a matrix that has no layout yet.
  void turn();
  bool is_kept_turned() const { return kept_turned_; }
  /// The shape in files, and the value to and from them.
  Shape kept_shape() const;
  Tensor read_for_file() const;
  void write_from_file(const Tensor& plain);

  /// The layout that the memory has; `any` until a program has chosen one.
  onednn::Layout home() const { return home_; }
  /// Settles the layout for good, moving the value into it.
  void settle(const onednn::Layout& home);
  std::byte* memory() { return memory_.get(); }
  /// Bytes held at home and by derived copies.
  std::size_t bytes() const;
  /// Bytes of memory taken outside of the pool.
  std::size_t own_bytes() const;

  /// Whether every element is known to be finite: looked at when a value is written, and while a
  /// program moves it.
  bool is_finite() const { return finite_; }
  void set_finite(bool finite) { finite_ = finite; }

  /// Counts changes, so that derived copies know when they are stale.
  std::uint64_t version() const { return version_; }
  void touch() { ++version_; }

  /// A copy in another layout, refreshed by `refresh` only after the variable has changed.
  struct Derived {
    onednn::Layout layout;
    std::shared_ptr<std::byte> memory;
    onednn::Primitive reorder;
    std::shared_ptr<std::byte> scratch;
    std::uint64_t version = 0;
  };
  Derived& derive(const onednn::Layout& layout);
  void refresh(Derived& derived);

 private:
  std::size_t home_bytes() const;

  std::string path_;
  Kind kind_;
  Shape shape_;
  onednn::Layout home_;
  std::shared_ptr<VariablePool> pool_;
  std::shared_ptr<std::byte> memory_;
  std::uint64_t version_ = 1;
  bool finite_ = true;
  bool kept_turned_ = false;
  bool pooled_ = false;
  std::vector<std::unique_ptr<Derived>> derived_;
};

/// The variables of a model and of its training, by path, in order of creation.
class HOURGLASS_API VariableStore {
 public:
  /// Throws ConfigError when the path is taken, DataError when the store is closed.
  Variable& create(std::string path, Variable::Kind kind, Tensor initial);
  /// nullptr when there is none.
  Variable* find(std::string_view path) const;
  const std::vector<std::unique_ptr<Variable>>& all() const { return variables_; }
  /// Bytes that stand in memory, derived copies included.
  std::size_t bytes() const;

  /// Says that everything is there: from now on nothing can be created.
  void close() { closed_ = true; }
  /// Throws DataError, naming the path, when the store is closed: whoever is about to make a large
  /// initial value asks first.
  void expect_open(std::string_view path) const;

 private:
  bool closed_ = false;
  std::shared_ptr<VariablePool> pool_ = std::make_shared<VariablePool>();
  std::vector<std::unique_ptr<Variable>> variables_;
  std::map<std::string, Variable*, std::less<>> by_path_;
};

}  // namespace hourglass
