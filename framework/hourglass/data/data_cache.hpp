#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/read_data.hpp>

#include <functional>
#include <map>
#include <string>

namespace hourglass {

/// What files and generators hold, kept so that it need not be read or drawn again. Who starts
/// many runs on the same data fills one before the processes of the runs part from it: all of them
/// then share one copy of the samples.
class HOURGLASS_API DataCache {
 public:
  using Splits = std::map<std::string, RawSplit>;

  /// What is kept under `key`; where nothing is, what `read` returns, which is kept.
  Splits get(const std::string& key, const std::function<Splits()>& read);
  void clear() { kept_.clear(); }

 private:
  std::map<std::string, Splits> kept_;
};

}  // namespace hourglass
