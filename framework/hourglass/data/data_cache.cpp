#include <hourglass/data/data_cache.hpp>

namespace hourglass {

DataCache::Splits DataCache::get(const std::string& key, const std::function<Splits()>& read) {
  const auto found = kept_.find(key);
  if (found != kept_.end()) return found->second;
  return kept_[key] = read();
}

}  // namespace hourglass
