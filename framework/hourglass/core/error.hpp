#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/text.hpp>

#include <stdexcept>
#include <string>

namespace hourglass {

/// Base of everything that Hourglass throws for faults that a user can cause. A message says
/// where, which rule, what was received and, where there is one, the next step.
class HOURGLASS_API Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
  ~Error() override;
};

/// Shapes that do not fit an operation: "[matmul] inner dimensions must agree: got ...".
class HOURGLASS_API ShapeError : public Error {
 public:
  using Error::Error;
  ~ShapeError() override;
};

/// A fault in an experiment file, an option or a name (exit code 2).
class HOURGLASS_API ConfigError : public Error {
 public:
  using Error::Error;
  ~ConfigError() override;
};

/// An option whose value cannot be used, as shows only when it meets the data or other options.
/// Whoever knows where options are written turns it into a ConfigError with that place.
class HOURGLASS_API OptionError : public ConfigError {
 public:
  /// `option` is a dotted path such as "model.loss"; `reason` goes on from it: "must be ...".
  OptionError(std::string option, std::string reason);
  ~OptionError() override;
  const std::string& option() const { return option_; }
  const std::string& reason() const { return reason_; }

 private:
  std::string option_;
  std::string reason_;
};

/// A named file that is missing or damaged (exit code 3).
class HOURGLASS_API DataError : public Error {
 public:
  using Error::Error;
  ~DataError() override;
};

/// The system failed to do what it was asked, such as writing to a full disk (exit code 1).
class HOURGLASS_API IoError : public Error {
 public:
  using Error::Error;
  ~IoError() override;
};

/// A plugin file that was found and refused (exit code 5).
class HOURGLASS_API PluginError : public Error {
 public:
  using Error::Error;
  ~PluginError() override;
};

/// Training produced a value that is not finite (exit code 4).
class HOURGLASS_API DivergedError : public Error {
 public:
  using Error::Error;
  ~DivergedError() override;
};

}  // namespace hourglass
