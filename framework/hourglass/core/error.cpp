#include <hourglass/core/error.hpp>

namespace hourglass {

// Out of line, so that each class has one type identity across shared libraries.
Error::~Error() = default;
ShapeError::~ShapeError() = default;
ConfigError::~ConfigError() = default;
DataError::~DataError() = default;
IoError::~IoError() = default;
PluginError::~PluginError() = default;
DivergedError::~DivergedError() = default;

}  // namespace hourglass
