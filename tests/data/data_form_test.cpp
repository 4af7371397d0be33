#include <hourglass/core/error.hpp>
#include <hourglass/data/data_form.hpp>

#include <doctest/doctest.h>
#include <support/scratch_folder.hpp>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

using namespace hourglass;

namespace {

/// Of a table with a column of numbers between two of texts.
DataForm table_form() {
  DataForm form;
  form.name = "things";
  form.sample_shape = {5};
  form.scaling = std::make_shared<FittedScaling>(
      Scaling::Standardise, std::vector<double>{1, 1.0 / 3, 0.1, 1e-30, 1},
      std::vector<double>{0, -2.5, 1e300, 0, std::nextafter(1.0, 2.0)}, ValueRange{-3, 7.5f});
  form.encoding = std::make_shared<TableEncoding>(
      std::vector<TableEncoding::Feature>{{"colour", true, {"", "blue", "r\u00e9d, \"dark\"\n"}},
                                          {"length", false, {}},
                                          {"one", true, {"x"}}});
  form.read.table.label = "class";
  form.read.table.header = true;
  form.read.table.leave_out = {"id", "- [a"};
  form.read.array = "X";
  form.classes = 10;
  form.checksum = 0xFEDCBA98;
  return form;
}

Tensor doubles(const std::vector<double>& values) {
  Tensor tensor({static_cast<std::int64_t>(values.size())}, DType::F64);
  std::ranges::copy(values, tensor.values<double>().begin());
  return tensor;
}

}  // namespace

TEST_SUITE("data/data_form") {
  TEST_CASE("a form that is read back is the same in every bit") {
    const ScratchFolder folder;
    const DataForm form = table_form();
    {
      hdf5::Writer file(folder / "a.h5");
      write_data_form(file, "state/data", form);
      file.commit();
    }
    const DataForm back = read_data_form(hdf5::Reader(folder / "a.h5"), "state/data");
    CHECK(back.name == "things");
    CHECK(back.sample_shape == form.sample_shape);
    CHECK(back.scaling->kind() == Scaling::Standardise);
    CHECK(back.scaling->scale() == form.scaling->scale());
    CHECK(back.scaling->offset() == form.scaling->offset());
    CHECK(back.scaling->range().least == -3);
    CHECK(back.scaling->range().greatest == 7.5f);
    CHECK_FALSE(back.scaling->range().sums_to_one);
    REQUIRE(back.encoding != nullptr);
    CHECK(back.encoding->features() == form.encoding->features());
    CHECK(back.read.table.label == "class");
    CHECK(back.read.table.header == true);
    CHECK(back.read.table.leave_out == form.read.table.leave_out);
    CHECK(back.read.array == "X");
    CHECK(back.classes == form.classes);
    CHECK(back.checksum == form.checksum);
    CHECK(difference(form, back) == "");
  }

  TEST_CASE("what differs between two forms is said") {
    const DataForm form = table_form();
    DataForm other = form;
    other.checksum = 1;
    CHECK(difference(form, other) == "their content is another");
    other.encoding = std::make_shared<TableEncoding>(
        std::vector<TableEncoding::Feature>{{"colour", true, {"a", "b", "c", "d", "e"}}});
    CHECK(difference(form, other) == "columns or their categories are others");
    other.sample_shape = {6};
    CHECK(difference(form, other) == "samples had shape [5], now they have [6]");
  }

  TEST_CASE("a stranger's form is refused when it cannot be one") {
    const ScratchFolder folder;
    using Values = std::vector<double>;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    // A form as it should be, but for one part that the case writes.
    const auto message = [&](const Values& scale, const Values& offset,
                             const std::function<void(hdf5::Writer&)>& spoil = {}) {
      {
        hdf5::Writer file(folder / "a.h5");
        file.create_group("data");
        file.set_attribute("data", "name", std::string("things"));
        file.set_attribute("data", "sample_shape", std::vector<std::int64_t>{2});
        file.set_attribute("data", "scaling", std::string("none"));
        file.set_attribute("data", "least", 0.0);
        file.set_attribute("data", "greatest", 1.0);
        file.set_attribute("data", "sums_to_one", std::int64_t{0});
        file.set_attribute("data", "classes", std::int64_t{10});
        file.set_attribute("data", "checksum", std::int64_t{0});
        file.write("data/scale", doubles(scale));
        file.write("data/offset", doubles(offset));
        Tensor reading({3}, DType::U8);
        std::ranges::copy(std::string("{}\n"), reading.values<std::uint8_t>().begin());
        file.write("data/reading", reading);
        if (spoil) spoil(file);
        file.commit();
      }
      try {
        read_data_form(hdf5::Reader(folder / "a.h5"), "data");
      } catch (const DataError& error) {
        return std::string(error.what()).substr((folder / "a.h5").string().size());
      }
      return std::string();
    };
    const auto table = [](const std::string& names, const std::vector<std::int64_t>& counts,
                          const std::string& categories) {
      return [=](hdf5::Writer& file) {
        const auto bytes = [](const std::string& all) {
          Tensor tensor({static_cast<std::int64_t>(all.size())}, DType::U8);
          std::ranges::copy(all, tensor.values<std::uint8_t>().begin());
          return tensor;
        };
        Tensor each({static_cast<std::int64_t>(counts.size())}, DType::I64);
        std::ranges::copy(counts, each.values<std::int64_t>().begin());
        file.write("data/columns", bytes(names));
        file.write("data/category_counts", each);
        file.write("data/categories", bytes(categories));
      };
    };
    const std::string ab("a\0b\0", 4);

    CHECK(message({1}, {0}) == "");
    CHECK(message({1, 2}, {0, 0}) == "");
    CHECK(message({1}, {0}, table(ab, {-1, 1}, std::string("x\0", 2))) == "");
    for (const double bad : {0.0, -1.0, nan, std::numeric_limits<double>::infinity(), 1e-320}) {
      CHECK(message({1, bad}, {0, 0}).find(": data: a scaling's scale must be") == 0);
    }
    CHECK(message({1}, {nan}).find(": data: a scaling's scale must be") == 0);
    CHECK(message({1}, {0, 0}) ==
          ": data: a scaling has 1 scales and 2 offsets, expected as many "
          "of both");
    CHECK(message({}, {}).find("0 scales") != std::string::npos);
    CHECK(message({1, 1, 1}, {0, 0, 0}) == ": data: has 3 scales for samples [2]");
    const auto set = [](const std::string& name, const hdf5::Value& value) {
      return [=](hdf5::Writer& file) { file.set_attribute("data", name, value); };
    };
    CHECK(message({1}, {0}, set("least", nan)).find("range must be finite") != std::string::npos);
    CHECK(message({1}, {0}, set("least", 2.0)).find("range must be finite") != std::string::npos);
    CHECK(message({1}, {0}, set("scaling", std::string("odd"))).find("unknown scaling") !=
          std::string::npos);
    for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{},
                                                   {0},
                                                   {-2},
                                                   {1LL << 20, 1LL << 20},
                                                   {1LL << 62, 4},
                                                   {1, 1, 1, 1, 1, 1, 1, 2}}) {
      CHECK(message({1}, {0}, set("sample_shape", shape)) != "");
    }
    CHECK(message({1}, {0}, table(ab, {-1}, "")) ==
          ": data: its columns and category_counts do not agree");
    CHECK(message({1}, {0}, table("a", {-1}, "")) == ": data: \"columns\" ends within a text");
    for (const std::int64_t count : {-2LL, 2LL, 1LL << 62, std::numeric_limits<long long>::min()}) {
      CHECK(message({1}, {0}, table(ab, {-1, count}, std::string("x\0", 2))) ==
            ": data: its categories and category_counts do not agree");
    }
    CHECK(message({1}, {0}, table(ab, {-1, -1}, std::string("x\0", 2))) ==
          ": data: its columns do not make samples [2]");
    CHECK(message({1}, {0}, table(std::string("a\0", 2), {2}, std::string("y\0x\0", 4)))
              .find("in alphabetical order") != std::string::npos);
    CHECK(
        message({1}, {0}, table(std::string("\xff\0", 2), {-1}, "")).find("is not text in UTF-8") !=
        std::string::npos);
  }
}
