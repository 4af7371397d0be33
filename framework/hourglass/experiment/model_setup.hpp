#pragma once

#include <hourglass/data/data_form.hpp>
#include <hourglass/experiment/surroundings.hpp>
#include <hourglass/plugin/model.hpp>

namespace hourglass {

/// What the model of a resolved experiment is made from, for samples of this form.
ModelSetup model_setup(const Experiment& experiment, const DataForm& form,
                       std::int64_t steps_per_epoch, const Surroundings& surroundings);

}  // namespace hourglass
