#include <hourglass/core/error.hpp>

namespace hourglass {

// Out of line, so that each class has one type identity across shared libraries.
Error::~Error() = default;
ShapeError::~ShapeError() = default;
ConfigError::~ConfigError() = default;
OptionError::OptionError(std::string option, std::string reason)
    : ConfigError(text(option, " ", reason)),
      option_(std::move(option)),
      reason_(std::move(reason)) {}
OptionError::~OptionError() = default;
DataError::~DataError() = default;
IoError::~IoError() = default;
PluginError::~PluginError() = default;
DivergedError::~DivergedError() = default;

}  // namespace hourglass
