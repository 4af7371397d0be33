#include <hourglass/core/error.hpp>
#include <hourglass/graph/all_finite.hpp>
#include <hourglass/graph/variable.hpp>
#include <hourglass/onednn/reorder.hpp>

#include <algorithm>
#include <cstring>

namespace hourglass {

bool names_part(std::string_view name, std::string_view path) {
  return path.starts_with(name) &&
         (path.size() == name.size() || path[name.size()] == '.' || name.ends_with('.'));
}

std::shared_ptr<std::byte> VariablePool::take(std::size_t bytes) {
  constexpr std::size_t kAlignment = 64,
                        kBlock = std::size_t{64} << 20;  // untouched pages cost nothing
  const std::size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (rounded > size_ - used_) {
    full_ = this->bytes();
    size_ = std::max(kBlock, rounded);
    used_ = 0;
    block_ = allocate_aligned(size_);
  }
  std::byte* piece = block_.get() + used_;
  used_ += rounded;
  return {block_, piece};
}

Variable::Variable(std::string path, Kind kind, Tensor initial, std::shared_ptr<VariablePool> pool)
    : path_(std::move(path)),
      kind_(kind),
      shape_(initial.shape()),
      home_(onednn::Layout::any(initial.shape())),
      pool_(std::move(pool)),
      memory_(allocate_aligned(initial.bytes())) {
  std::memcpy(memory_.get(), initial.raw(), initial.bytes());
  finite_ = all_finite(initial.floats());
}

Tensor Variable::read() const {
  Tensor plain(shape_);
  if (home_.is_any()) {
    std::memcpy(plain.raw(), memory_.get(), plain.bytes());
  } else {
    onednn::reorder_now(home_, memory_.get(), onednn::Layout::plain(shape_), plain.raw());
  }
  return plain;
}

void Variable::write(const Tensor& plain) {
  if (plain.shape() != shape_) {
    throw ShapeError(text("\"", path_, "\" has shape ", plain.shape().to_text(),
                          ", the model expects ", shape_.to_text()));
  }
  if (home_.is_any()) {
    std::memcpy(memory_.get(), plain.raw(), plain.bytes());
  } else {
    onednn::reorder_now(onednn::Layout::plain(shape_), plain.raw(), home_, memory_.get());
  }
  finite_ = all_finite(plain.floats());
  touch();
}

void Variable::turn() {
  const Tensor value = turned_round(read());
  shape_ = value.shape();
  home_ = onednn::Layout::any(shape_);
  write(value);
}

Shape Variable::kept_shape() const { return kept_turned_ ? Shape{shape_[1], shape_[0]} : shape_; }

Tensor Variable::read_for_file() const { return kept_turned_ ? turned_round(read()) : read(); }

void Variable::write_from_file(const Tensor& plain) {
  write(kept_turned_ ? turned_round(plain) : plain);
}

void Variable::settle(const onednn::Layout& home) {
  if (home == home_) return;
  const bool large = home.bytes() >= 2 * kHugePage;
  if (home_.is_any() && home.is_plain() && (large || !pool_)) {
    home_ = home;  // it lies so already, if large on huge pages of its own
    return;
  }
  const Tensor value = read();
  home_ = home;
  memory_.reset();  // first, so that the old and the new one never stand side by side
  pooled_ = pool_ != nullptr;
  memory_ = pooled_ ? pool_->take(home.bytes()) : allocate_aligned(home.bytes());
  std::fill_n(memory_.get(), home.bytes(), std::byte{});  // padding must be zero, and stays so
  write(value);
}

Variable::Derived& Variable::derive(const onednn::Layout& layout) {
  for (const auto& each : derived_) {
    if (each->layout == layout) return *each;
  }
  auto derived = std::make_unique<Derived>();
  derived->layout = layout;
  derived->memory = allocate_aligned(layout.bytes());
  derived->reorder = onednn::reorder(home_, layout);
  derived->scratch = allocate_aligned(derived->reorder.scratch_bytes());
  derived->reorder.bind_scratch(derived->scratch.get());
  derived_.push_back(std::move(derived));
  return *derived_.back();
}

void Variable::refresh(Derived& derived) {
  if (derived.version == version_) return;
  derived.reorder.bind(onednn::Argument::Source, memory_.get());
  derived.reorder.bind(onednn::Argument::Destination, derived.memory.get());
  derived.reorder.execute();
  derived.version = version_;
}

std::size_t Variable::home_bytes() const {
  return home_.is_any() ? shape_.size() * sizeof(float) : home_.bytes();
}

std::size_t Variable::bytes() const {
  std::size_t total = home_bytes();
  for (const auto& each : derived_) total += each->layout.bytes();
  return total;
}

std::size_t Variable::own_bytes() const {
  std::size_t total = pooled_ ? 0 : allocated_bytes(home_bytes());
  for (const auto& each : derived_) total += allocated_bytes(each->layout.bytes());
  return total;
}

void VariableStore::expect_open(std::string_view path) const {
  if (closed_) throw DataError(text("\"", path, "\" is missing"));
}

Variable& VariableStore::create(std::string path, Variable::Kind kind, Tensor initial) {
  expect_open(path);
  if (by_path_.contains(path)) {
    throw ConfigError(text("two variables have the path \"", path, "\""));
  }
  variables_.push_back(
      std::make_unique<Variable>(std::move(path), kind, std::move(initial), pool_));
  Variable& variable = *variables_.back();
  by_path_[variable.path()] = &variable;
  return variable;
}

Variable* VariableStore::find(std::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? nullptr : found->second;
}

std::size_t VariableStore::bytes() const {
  std::size_t total = pool_->bytes();
  for (const auto& variable : variables_) total += variable->own_bytes();
  return total;
}

}  // namespace hourglass
