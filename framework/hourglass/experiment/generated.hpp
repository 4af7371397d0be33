#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/evaluate/code_source.hpp>
#include <hourglass/experiment/trained.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace hourglass {

/// What is to be generated.
struct GenerateRequest {
  std::int64_t count = 0;
  std::optional<CodeSource> from;  ///< none: default_code_source
  std::int64_t components = 10;    ///< of a mixture
};

/// What a run or a checkpoint generates. Codes to fit a distribution to are those of the training
/// split that the run keeps in latents.h5, or, for a checkpoint file, of the run in whose folder it
/// lies.
struct HOURGLASS_API GeneratedSamples {
  CodeSource from = CodeSource::Prior;
  std::int64_t seed = 1;
  DrawnSamples drawn;
};
/// `path` is what `trained` was opened from; its notes are added to. Throws DataError where there
/// are no codes to fit to, and as `draw_samples`.
HOURGLASS_API GeneratedSamples generate_samples(Trained& trained, const std::filesystem::path& path,
                                                const GenerateRequest& request);

/// Throws ConfigError where so many samples of this model do not make a picture.
HOURGLASS_API void check_picture(const Trained& trained, std::int64_t count);

/// Writes dataset `samples` [count, features...] f32 in the model's scale, with the attributes
/// `scale` and `offset` of write_scaling, `from` (the name of their source), `drawn_from` (the same
/// in words) and `seed`; and `codes` [count, code size] f32, with the attribute `shape`.
HOURGLASS_API void write_generated(const GeneratedSamples& samples, const Trained& trained,
                                   const std::filesystem::path& output);

/// The images as a sheet, as square as it can be, in the scale of their file: u8 [height, width,
/// 3].
HOURGLASS_API Tensor picture_of(const GeneratedSamples& samples, const Trained& trained);

}  // namespace hourglass
