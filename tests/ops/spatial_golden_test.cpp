// Operations over images and signals beside PyTorch's results and gradients; see
// tests/golden/make_spatial.py.
#include "ops/evaluate.hpp"

#include <hourglass/ops/convolution.hpp>
#include <hourglass/ops/pooling.hpp>
#include <hourglass/ops/resample.hpp>
#include <support/places.hpp>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>

namespace hourglass::test {

namespace {

using List = std::vector<std::int64_t>;

struct GoldenCase {
  std::string line;  // what a failure shows
  std::string operation;
  Shape x, weight;
  List kernel, stride, padding, output_padding, dilation;
  std::int64_t groups = 1;
  std::map<std::string, Tensor> tensors;
};

List read_list(std::istream& in) {
  std::size_t length = 0;
  in >> length;
  List list(length);
  for (auto& each : list) in >> each;
  return list;
}

Shape read_shape(std::istream& in) { return Shape(std::span<const std::int64_t>(read_list(in))); }

Tensor read_tensor(std::istream& in) {
  Tensor tensor(read_shape(in));
  for (float& each : tensor.floats()) in >> each;
  return tensor;
}

GoldenCase read_case(std::istream& in) {
  GoldenCase golden;
  std::getline(in, golden.line);
  std::istringstream line(golden.line);
  int axes = 0, count = 0;
  line >> golden.operation >> axes;
  golden.x = read_shape(line);
  const bool weighted = golden.operation.starts_with("conv");
  if (weighted) golden.weight = read_shape(line);
  golden.kernel = read_list(line);
  golden.stride = read_list(line);
  golden.padding = read_list(line);
  if (weighted) {
    golden.output_padding = read_list(line);
    golden.dilation = read_list(line);
    line >> golden.groups;
  }
  line >> count;
  REQUIRE(line);
  for (int i = 0; i < count; ++i) {
    std::string name;
    in >> name;
    golden.tensors[name] = read_tensor(in);
  }
  REQUIRE(in);
  return golden;
}

std::vector<GoldenCase> read_golden(const std::string& operation) {
  std::ifstream in(HOURGLASS_GOLDEN "spatial.txt");
  std::string word;
  int version = 0;
  in >> word >> version;
  REQUIRE(word == "hourglass-golden-spatial");
  REQUIRE(version == 1);
  std::getline(in >> word, word);
  std::vector<GoldenCase> cases;
  while (in >> word) {
    REQUIRE(word == "case");
    GoldenCase each = read_case(in);
    if (each.operation == operation) cases.push_back(std::move(each));
  }
  return cases;
}

Tensor counted(const Shape& shape, std::int64_t tensor) {
  Tensor result(shape);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    const std::int64_t hash = (31 * i * i + 7919 * i + 104729 * tensor) % 1009;
    result.floats()[i] = static_cast<float>(hash % 7 - 3);
  }
  return result;
}

Tensor distinct_integers(const Shape& shape) {
  Tensor result(shape);
  for (std::int64_t i = 0; i < result.size(); ++i) {
    result.floats()[i] = static_cast<float>(i + 1000 * (31 * i % 17));
  }
  return result;
}

Value operation_of(const GoldenCase& golden, Values v) {
  const ConvolutionOptions options{golden.stride, golden.padding, golden.output_padding,
                                   golden.dilation, golden.groups};
  const PoolOptions window{golden.kernel, golden.stride, golden.padding};
  const std::string& name = golden.operation;
  if (name == "conv") return convolution(v[0], v[1], v.size() > 2 ? v[2] : Value(), options);
  if (name == "conv_transpose") {
    return transposed_convolution(v[0], v[1], v.size() > 2 ? v[2] : Value(), options);
  }
  if (name == "maxpool") return max_pool(v[0], window);
  if (name == "avgpool") return average_pool(v[0], window);
  return upsample(v[0], golden.kernel,
                  name == "nearest" ? Interpolation::Nearest : Interpolation::Bilinear);
}

/// Relative to the greatest element: what is compared are sums of many products.
void check_equal(std::span<const float> got, std::span<const float> expected) {
  REQUIRE(got.size() == expected.size());
  float greatest = 1, worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    greatest = std::max(greatest, std::abs(expected[i]));
    worst = std::max(worst, std::abs(got[i] - expected[i]));
  }
  CHECK(worst <= 1e-5f * greatest);
}

void check_case(const GoldenCase& golden) {
  CAPTURE(golden.line);
  const std::string names[] = {"x", "weight", "bias"};
  std::vector<Tensor> inputs{golden.operation == "maxpool" ? distinct_integers(golden.x)
                                                           : counted(golden.x, 0)};
  for (int i = 1; i < 3; ++i) {
    const auto found = golden.tensors.find(names[i]);
    if (found != golden.tensors.end()) inputs.push_back(counted(found->second.shape(), i));
  }
  const auto y_of = [&](Values v) { return operation_of(golden, v); };
  const Tensor& y = golden.tensors.at("y");
  const Tensor result = evaluate(y_of, inputs);
  CHECK(result.shape() == y.shape());
  check_equal(result.floats(), y.floats());
  for (std::size_t which = 0; which < inputs.size(); ++which) {
    CAPTURE(names[which]);
    const auto gradient = [&](Values v) {
      return gradients(sum(y_of(v.first(inputs.size())) * v.back()), v.subspan(which, 1))[0];
    };
    std::vector<Tensor> fed = inputs;
    fed.push_back(counted(y.shape(), 3));
    check_equal(evaluate(gradient, fed).floats(), golden.tensors.at(names[which]).floats());
  }
}

void check_all(const std::string& operation, std::size_t count) {
  const auto cases = read_golden(operation);
  CHECK(cases.size() == count);
  for (const GoldenCase& each : cases) check_case(each);
}

}  // namespace

TEST_SUITE("ops/spatial_golden") {
  TEST_CASE("convolutions equal those of PyTorch") { check_all("conv", 60); }
  TEST_CASE("transposed convolutions equal those of PyTorch") { check_all("conv_transpose", 80); }
  TEST_CASE("pooling equals that of PyTorch") {
    check_all("maxpool", 75);
    check_all("avgpool", 75);
  }
  TEST_CASE("upsampling equals that of PyTorch") {
    check_all("nearest", 13);
    check_all("bilinear", 13);
  }
}

}  // namespace hourglass::test
