#include <hourglass/core/parallel.hpp>
#include <hourglass/graph/kernel.hpp>
#include <hourglass/graph/streamed.hpp>

namespace hourglass {

namespace {

/// Makes the whole of a streamed operation's output.
class FillKernel final : public Kernel {
 public:
  FillKernel(std::unique_ptr<TileSource> source, std::int64_t size)
      : source_(std::move(source)), size_(size) {}
  std::string implementation() const override { return "streamed"; }
  void bind(const Binding& binding) override {
    source_->bind(binding.inputs);
    y_ = binding.output(0);
  }
  void run() override {
    parallel_for(size_, 4096, [&](std::int64_t begin, std::int64_t end) {
      source_->fill(y_ + begin, begin, end - begin);
    });
  }

 private:
  std::unique_ptr<TileSource> source_;
  std::int64_t size_;
  float* y_ = nullptr;
};

}  // namespace

TileSource::~TileSource() = default;
Streamed::~Streamed() = default;

std::unique_ptr<Kernel> Streamed::lower(Lowering& lowering) const {
  return std::make_unique<FillKernel>(source(), lowering.output_shape(0).size());
}

}  // namespace hourglass
