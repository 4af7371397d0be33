#include <hourglass/core/cpu.hpp>
#include <hourglass/ops/sparse_kernels.hpp>

namespace hourglass {

extern const SparseKernels kSparseKernels_v2;
extern const SparseKernels kSparseKernels_v3;
extern const SparseKernels kSparseKernels_v4;

const SparseKernels& sparse_kernels() { return sparse_kernels(isa()); }

const SparseKernels& sparse_kernels(Isa level) {
  switch (level) {
    case Isa::V4: return kSparseKernels_v4;
    case Isa::V3: return kSparseKernels_v3;
    case Isa::V2: break;
  }
  return kSparseKernels_v2;
}

}  // namespace hourglass
