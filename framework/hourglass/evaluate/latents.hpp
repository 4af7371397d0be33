#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/plugin/model.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hourglass {

/// Writes the codes of all samples, in their order, as a new dataset `path` [samples, code size] of
/// f32, with the shape of one code as the attribute `shape`. `split` is the split's number. One
/// batch is in memory at a time.
HOURGLASS_API void write_codes(hdf5::Writer& file, const std::string& path, Model& model,
                               const Source& source, std::uint32_t split);

/// The codes of a group of latents.h5, [samples, code size], whether they are kept whole or sparse;
/// nothing where the group has none. Throws DataError for pairs that fit no such matrix.
HOURGLASS_API std::optional<Tensor> read_codes(const hdf5::Reader& file, const std::string& group);

/// The splits whose codes a run keeps unless told otherwise: train and test, or test alone (train,
/// when there is no test) where the codes of both would exceed 256 MB.
HOURGLASS_API std::vector<std::string> default_latent_splits(Model& model, const DataSet& data);

/// Writes latents.h5: a group for each split, with
///  - `codes` [samples, code size] f32, flattened, and their attribute `shape`; where the variant
///    says that they are sparse, in place of them `data` f32 and `indices` u32, the numbers that
///    are not zero and their columns, sample after sample, and `indptr` i64 [samples + 1], where in
///    them each sample begins (compressed sparse rows; `data` has the attribute `shape`);
///  - `index` [samples] u32: where each sample stands in the file that it comes from, counted from
///    0 (splits of one file share its numbering), or in its split where there is no file;
///  - `labels` [samples] i64, and `factors` [samples, factors] f32, where the data have them, both
///    with an attribute `names` where there are names (separated by commas, written as in CSV).
///  - what `more` gives for the split, such as `score`: datasets by name.
/// Equal weights give equal bytes. Throws ConfigError for a split that the data do not have, and
/// IoError.
using LatentColumns =
    std::function<std::vector<std::pair<std::string, Tensor>>(const std::string& split)>;
HOURGLASS_API void write_latents(const std::filesystem::path& path, Model& model,
                                 const DataSet& data, const std::vector<std::string>& splits,
                                 const LatentColumns& more = {});

}  // namespace hourglass
