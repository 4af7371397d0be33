#include <hourglass/core/cpu.hpp>
#include <hourglass/graph/sweep_kernels.hpp>

namespace hourglass {

extern const VectorKernels kVectorKernels_v2;
extern const VectorKernels kVectorKernels_v3;
extern const VectorKernels kVectorKernels_v4;

const VectorKernels& vector_kernels() { return vector_kernels(isa()); }

const VectorKernels& vector_kernels(Isa level) {
  switch (level) {
    case Isa::V4: return kVectorKernels_v4;
    case Isa::V3: return kVectorKernels_v3;
    case Isa::V2: break;
  }
  return kVectorKernels_v2;
}

}  // namespace hourglass
