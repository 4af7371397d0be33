#pragma once

#include <hourglass/data/data_form.hpp>
#include <hourglass/experiment/run.hpp>

namespace hourglass {

/// What the model of a resolved experiment is made from, for samples of this form.
ModelSetup model_setup(const Experiment& experiment, const DataForm& form,
                       const Surroundings& surroundings);

}  // namespace hourglass
