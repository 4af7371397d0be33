#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/nn/initializer.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hourglass {

/// What training does besides moving parameters: a state takes a value, once a batch. `source` is
/// what the value was made beside: the first train step that computes it moves the state.
struct StateMove {
  Variable* state;
  Value value;
  Value source;
};

/// The parameters of one model while its graphs are written: each path is made on first use, and
/// is the same variable in every graph afterwards.
class HOURGLASS_API Parameters {
 public:
  Parameters(Graph& graph, VariableStore& store, Initializer initializer, std::uint64_t seed)
      : graph_(graph), store_(store), initializer_(initializer), seed_(seed) {}

  /// A weight [out, in, ...], started by the initializer. Throws ShapeError, naming the path, when
  /// there is one of another shape already.
  Value weight(const std::string& path, const Shape& shape);
  /// A weight [in, out] that is read by the input, of a layer whose x is sparse: started as
  /// `weight` starts one [out, in], and kept so in files.
  Value turned_weight(const std::string& path, const Shape& shape);
  /// A parameter that starts with one number in every element.
  Value filled(const std::string& path, const Shape& shape, float number);

  /// State that starts with one number in every element.
  Value state(const std::string& path, const Shape& shape, float number);

  /// Has training move a state that there is already; see StateMove.
  void move(const std::string& path, Value value, Value source);
  /// In the order in which they were asked for.
  const std::vector<StateMove>& moves() const { return moves_; }

  /// A parameter that there is already. Throws ConfigError, naming the path, when there is none.
  Value existing(const std::string& path);

  Graph& graph() const { return graph_; }

 private:
  template <class Make>
  Value find_or_make(const std::string& path, Variable::Kind kind, const Shape& shape, Make&& make);

  Graph& graph_;
  VariableStore& store_;
  Initializer initializer_;
  std::uint64_t seed_;
  std::vector<StateMove> moves_;
};

}  // namespace hourglass
