#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/compare.hpp>

namespace hourglass {

namespace {

class Compare final : public Elementwise {
 public:
  Compare(const char* name, Code code) : name_(name), code_(code) {}
  std::string name() const override { return name_; }
  bool stops_gradient() const override { return true; }
  std::vector<Value> backward(const Backward&) const override { return {Value(), Value()}; }
  void emit(SweepBuilder& sweep, std::span<const int> inputs,
            std::span<int> outputs) const override {
    outputs[0] = sweep.add(code_, {inputs[0], inputs[1]});
  }

 private:
  const char* name_;
  Code code_;
};

Value compare(Value a, Value b, const char* name, Code code) {
  return a.graph().add(std::make_shared<Compare>(name, code), {a, b},
                       broadcast(a.shape(), b.shape(), name));
}

}  // namespace

Value greater(Value a, Value b) { return compare(a, b, "greater", Code::Greater); }
Value greater_equal(Value a, Value b) { return compare(a, b, "greater_equal", Code::GreaterEqual); }
Value greater(Value a, float b) { return greater(a, a.graph().filled({}, b)); }
Value greater(float a, Value b) { return greater(b.graph().filled({}, a), b); }
Value greater_equal(Value a, float b) { return greater_equal(a, a.graph().filled({}, b)); }

}  // namespace hourglass
