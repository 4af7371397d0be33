#include "files.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>
#include <hdf5.h>

#include <set>
#include <string>
#include <vector>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

/// All samples of a split, scaled.
std::vector<float> all(const DataSet& set, const std::string& split) {
  const Source* source = set.find(split);
  REQUIRE(source != nullptr);
  std::vector<std::uint32_t> indices(source->size());
  for (std::uint32_t i = 0; i < indices.size(); ++i) indices[i] = i;
  std::vector<float> values(source->size() * source->sample_shape().size());
  source->read(indices, values.data());
  return values;
}

std::vector<std::int64_t> classes(const DataSet& set, const std::string& split) {
  return values_of<std::int64_t>(set.find(split)->labels().classes);
}

std::string counting_csv(int rows) {
  std::string table = "x,label\n";
  for (int i = 0; i < rows; ++i) table += std::to_string(i) + "," + std::to_string(i % 2) + "\n";
  return table;
}

DataOptions plain() {
  DataOptions options;
  options.scaling = Scaling::None;
  return options;
}

const std::string kNoSum(64, '0');

std::string file_entry(const std::string& name) {
  return "{name: " + name + ", sha256: " + kNoSum + ", bytes: 1}";
}

}  // namespace

TEST_SUITE("data/data_set") {
  TEST_CASE("splits by fraction cover everything, overlap nowhere and are stable for a seed") {
    const ScratchFolder folder;
    const std::string path = folder.put("t.csv", counting_csv(100));
    DataOptions options = plain();
    options.read.table.label = "label";
    options.validation = 0.1;
    const DataSet set = load_data_set(path, options, {});
    CHECK(set.find("test")->size() == 20);
    CHECK(set.find("validation")->size() == 8);
    CHECK(set.train().size() == 72);
    std::set<float> seen;
    for (const std::string split : {"train", "validation", "test"}) {
      const auto values = all(set, split);
      seen.insert(values.begin(), values.end());
      for (std::size_t i = 0; i < values.size(); ++i) {
        CHECK(classes(set, split)[i] == static_cast<int>(values[i]) % 2);
      }
    }
    CHECK(seen.size() == 100);
    CHECK(all(load_data_set(path, options, {}), "test") == all(set, "test"));
    options.seed = 2;
    CHECK(all(load_data_set(path, options, {}), "test") != all(set, "test"));
  }

  TEST_CASE("scaling is fitted on the training split alone") {
    const ScratchFolder folder;
    const std::string path = folder.put(
        "a.npz", zip({{"x_train.npy", npy("<i2", "(3, 1)", raw<std::int16_t>({0, 5, 10}))},
                      {"y_train.npy", npy("|u1", "(3,)", "\x01\x02\x03")},
                      {"x_test.npy", npy("<i2", "(1, 1)", raw<std::int16_t>({30}))}}));
    DataOptions options;
    options.scaling = Scaling::MinMax;
    const DataSet set = load_data_set(path, options, {});
    CHECK(all(set, "train") == std::vector<float>{0, 0.5f, 1});
    CHECK(all(set, "test") == std::vector<float>{3});
    CHECK(classes(set, "train") == std::vector<std::int64_t>{1, 2, 3});
    CHECK_FALSE(set.find("test")->labels().has_classes());
    CHECK(set.find("validation") == nullptr);

    // By fraction, too: the training rows span [0, 1] wherever the extremes went.
    const std::string table = folder.put("t.csv", counting_csv(10));
    for (options.seed = 0; options.seed < 20; ++options.seed) {
      const auto values = all(load_data_set(table, options, {}), "train");
      for (std::size_t feature = 0; feature < 2; ++feature) {
        float least = 1, greatest = 0;
        for (std::size_t i = feature; i < values.size(); i += 2) {
          least = std::min(least, values[i]);
          greatest = std::max(greatest, values[i]);
        }
        CHECK(least == 0);
        CHECK(greatest == 1);
      }
    }
  }

  TEST_CASE("categories come from the training rows, and others are noted") {
    const ScratchFolder folder;
    folder.put("d/d.yaml", "name: d\ntitle: a test\nformat: csv\nfiles:\n  train: {samples: " +
                               file_entry("a.csv") + "}\n  test: {samples: " + file_entry("b.csv") +
                               "}\n");
    folder.put("d/a.csv", "t\nb\na\n");
    folder.put("d/b.csv", "t\na\nz\n");
    DataOptions options = plain();
    options.read.table.header = true;
    const DataSet set = load_data_set("d", options, {folder.path(), {(folder / "d").string()}});
    CHECK(set.feature_names == std::vector<std::string>{"t=a", "t=b"});
    CHECK(all(set, "train") == std::vector<float>{0, 1, 1, 0});
    CHECK(all(set, "test") == std::vector<float>{1, 0, 0, 0});
    CHECK(set.notes.size() == 1);
    CHECK(set.scaling->range().sums_to_one);
  }

  TEST_CASE("an option of another format than the data's is refused, not ignored") {
    const ScratchFolder folder;
    const std::string array = folder.put("a.npy", npy("|u1", "(4, 1)", "abcd"));
    const std::string table = folder.put("t.csv", counting_csv(4));
    folder.put("glyphs.yaml", "name: glyphs\ntitle: digits\nformat: glyphs\n");
    const DataPlaces places{"", {folder.path()}};
    DataOptions options;
    options.read.table.separator = ";";
    CHECK_THROWS_WITH_AS(load_data_set(array, options, places),
                         ("separator is an option of CSV tables; " + array + " is NPY").c_str(),
                         OptionError);
    CHECK_THROWS_WITH_AS(load_data_set("glyphs", options, places),
                         "separator is an option of CSV tables; glyphs are drawn in memory",
                         OptionError);
    options.read.array = "X";
    CHECK(foreign_options(array, options.read, places).size() == 2);
    options.read.table.separator.clear();
    CHECK_THROWS_WITH_AS(
        load_data_set(table, options, places),
        ("array is an option of NPZ and HDF5 files; " + table + " is a CSV table").c_str(),
        OptionError);
  }

  TEST_CASE("what pictures and sprites are told is refused for other data, folders included") {
    const ScratchFolder folder;
    folder.put("glyphs.yaml", "name: glyphs\ntitle: digits\nformat: glyphs\n");
    folder.put("shapes.yaml", "name: shapes\ntitle: shapes\nformat: sprites\n");
    const DataPlaces places{"", {folder.path()}};
    const auto refused = [&](const std::string& data, const ReadOptions& options) {
      std::string all;
      for (const OptionError& each : foreign_options(data, options, places)) {
        all += std::string(each.what()) + "\n";
      }
      return all;
    };
    ReadOptions sprites, told;
    sprites.sprites = sprites::Options();
    told = sprites;
    told.labels_array = "coarse";
    told.images = ImageOptions();
    CHECK(refused("shapes", told) ==
          "labels_array is an option of NPZ, HDF5 and CIFAR files; shapes are drawn in memory\n"
          "images is an option of pictures; shapes are drawn in memory\n");
    CHECK(refused("glyphs", sprites) ==
          "sprites is an option of data sets of sprites; glyphs are drawn in memory\n");
    const std::string pictures = folder.path().string();
    CHECK(refused(pictures, told) == "labels_array is an option of NPZ, HDF5 and CIFAR files; " +
                                         pictures +
                                         " is a set of pictures\n"
                                         "sprites is an option of data sets of sprites; " +
                                         pictures + " is a set of pictures\n");
    folder.put("data_batch_1.bin", std::string(3073, '\0'));
    CHECK(refused(pictures, told) == "images is an option of pictures; " + pictures +
                                         " is CIFAR\n"
                                         "sprites is an option of data sets of sprites; " +
                                         pictures + " is CIFAR\n");
  }

  TEST_CASE("limit keeps the first samples of each split") {
    DataOptions options;
    options.limit = 50;
    const ScratchFolder folder;
    folder.put("glyphs.yaml", "name: glyphs\ntitle: digits\nformat: glyphs\n");
    const DataSet set = load_data_set("glyphs", options, {"", {folder.path()}});
    CHECK(set.train().size() == 50);
    CHECK(set.find("test")->size() == 50);
    CHECK(set.sample_shape == Shape{28, 28});
    CHECK(set.has_images());
    CHECK(set.scaling->kind() == Scaling::Unit);
    CHECK(set.scaling->range().within(0, 1));
    CHECK(set.train().labels().factor_names.size() == 6);
  }

  TEST_CASE("training may see as many labels as are asked for, and measures all") {
    const ScratchFolder folder;
    folder.put("glyphs.yaml", "name: glyphs\ntitle: digits\nformat: glyphs\n");
    const DataPlaces places{"", {folder.path()}};
    DataOptions options;
    options.limit = 500;
    options.validation = 0.1;
    DataSet set = load_data_set("glyphs", options, places);
    CHECK(set.classes == 10);
    CHECK(set.labelled.size() == 450);
    options.labelled = 20;
    set = load_data_set("glyphs", options, places);
    REQUIRE(set.labelled.size() == 20);
    std::vector<int> counts(10, 0);
    for (const std::uint32_t row : set.labelled) {
      ++counts[set.train().labels().classes.values<std::int64_t>()[row]];
    }
    CHECK(counts == std::vector<int>(10, 2));
    CHECK(set.train().labels().classes.size() == 450);
    options.labelled = 451;
    CHECK_THROWS_WITH_AS(load_data_set("glyphs", options, places),
                         "labelled asks for 451 samples, but 450 training samples carry a label",
                         OptionError);
    options.labelled = 0;
    CHECK_THROWS_WITH_AS(load_data_set("glyphs", options, places), "labelled must be >= 1, got 0",
                         ConfigError);
  }

  TEST_CASE("labels that do not count classes from 0 give none") {
    const ScratchFolder folder;
    const auto classes_of = [&](const char* rows) {
      folder.put("a.csv", std::string("x,y\n") + rows);
      DataOptions options = plain();
      options.test = 0;
      options.read.table.label = "y";
      return load_data_set((folder / "a.csv").string(), options, {}).classes;
    };
    CHECK(classes_of("1,0\n2,1\n3,0\n") == 2);
    CHECK(classes_of("1,2020\n2,2021\n3,2020\n") == 0);
    CHECK(classes_of("1,-1\n2,1\n3,1\n") == 0);
    CHECK(classes_of("1,cat\n2,dog\n3,cat\n") == 2);
  }

  TEST_CASE("HDF5 files are read by dataset name, with labels beside") {
    const ScratchFolder folder;
    const std::string path = (folder / "a.h5").string();
    {
      Tensor samples({3, 2});
      for (int i = 0; i < 6; ++i) samples.floats()[i] = static_cast<float>(i);
      Tensor labels({3}, DType::I32);
      labels.values<std::int32_t>()[2] = 7;
      hdf5::Writer writer(path);
      writer.write("group/values", samples);
      writer.write("kinds", labels);
      writer.commit();
    }
    DataOptions options = plain();
    options.test = 0;
    options.read.array = "group/values";
    options.read.labels_array = "kinds";
    const DataSet set = load_data_set(path, options, {});
    CHECK(all(set, "train") == std::vector<float>{0, 1, 2, 3, 4, 5});
    CHECK(classes(set, "train") == std::vector<std::int64_t>{0, 0, 7});
    options.read.array = "none";
    CHECK_THROWS_AS(load_data_set(path, options, {}), OptionError);
  }

  TEST_CASE("features have the names that a file has for them") {
    const ScratchFolder folder;
    const std::string path = (folder / "cells.h5").string();
    hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    const auto add = [&](const char* name, hid_t type, std::vector<hsize_t> extents,
                         const void* values) {
      const hid_t space =
          H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
      const hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
      H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
      H5Dclose(set);
      H5Sclose(space);
    };
    const float numbers[] = {0, 1, 2, 3};
    const char* genes[] = {"HES4", "PARK7", "RBP7"};
    add("X", H5T_NATIVE_FLOAT, {2, 2}, numbers);
    add("genes", text, {2}, genes);
    add("more", text, {3}, genes);
    H5Tclose(text);
    H5Fclose(file);
    const auto add_again = [&](const char* name) {
      file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
      add(name, H5T_NATIVE_FLOAT, {2, 2}, numbers);
      H5Fclose(file);
    };

    DataOptions options = plain();
    options.test = 0;
    CHECK(load_data_set(path, options, {}).feature_names.empty());
    options.read.feature_names_array = "genes";
    CHECK(load_data_set(path, options, {}).feature_names ==
          std::vector<std::string>{"HES4", "PARK7"});
    options.read.feature_names_array = "more";
    CHECK_THROWS_WITH_AS(
        load_data_set(path, options, {}),
        ("feature_names_array names \"more\", 3 texts, but a sample in " + path + " has 2 features")
            .c_str(),
        OptionError);
    // What is read for the model later need have neither names nor labels.
    options.read.feature_names_array = "genes";
    options.read.labels_array = "kinds";
    const float kinds[] = {0, 1};
    file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    add("kinds", H5T_NATIVE_FLOAT, {2}, kinds);
    H5Fclose(file);
    const DataSet labelled = load_data_set(path, options, {});
    CHECK(labelled.train().labels().has_classes());
    hdf5::Writer bare(folder / "bare.h5");
    bare.write("X", Tensor({3, 2}));
    bare.commit();
    std::vector<std::string> notes;
    const auto input = load_input((folder / "bare.h5").string(), labelled, {}, notes);
    CHECK(input->size() == 3);
    CHECK_FALSE(input->labels().has_classes());
    options.read.labels_array.clear();

    // Whatever the splits are called.
    options.read.feature_names_array = "genes";
    add_again("x_train");
    add_again("x_test");
    const DataSet parted = load_data_set(path, options, {});
    CHECK(parted.find("test") != nullptr);
    CHECK(parted.feature_names == std::vector<std::string>{"HES4", "PARK7"});
    options.read.feature_names_array = "gene";
    CHECK_THROWS_AS(load_data_set(path, options, {}), OptionError);
  }

  TEST_CASE("factors have names, and the classes that stand beside them") {
    const ScratchFolder folder;
    const auto archive = [&](const std::string& classes) {
      return folder.put("a.npz",
                        zip({{"metadata.npy", "a pickle"},
                             {"imgs.npy", npy("|u1", "(2, 1, 2)", std::string("\0\1\1\0", 4))},
                             {"latents_classes.npy", classes},
                             {"latents_values.npy",
                              npy("<f8", "(2, 3)", raw<double>({1, 0.5, 0, 1, 0.6, 0.5}))}}));
    };
    const std::string path = archive(npy("<i8", "(2, 3)", raw<std::int64_t>({0, 0, 0, 0, 1, 16})));
    DataOptions options = plain();
    options.test = 0;
    options.read.factor_names = {"color", "scale", "x"};
    const DataSet set = load_data_set(path, options, {});
    CHECK(set.sample_shape == Shape{1, 2});
    const Labels& labels = set.train().labels();
    CHECK(labels.factor_names == std::vector<std::string>{"color", "scale", "x"});
    CHECK(labels.factors.floats()[4] == 0.6f);
    CHECK(values_of<std::int32_t>(labels.factor_classes) ==
          std::vector<std::int32_t>{0, 0, 0, 0, 1, 16});
    archive(npy("<i8", "(2, 3)", raw<std::int64_t>({0, 0, 0, 0, 1, 17})));
    CHECK(load_data_set(path, options, {}).checksum != set.checksum);
    options.read.factor_names = {"color"};
    CHECK_THROWS_WITH_AS(
        load_data_set(path, options, {}),
        ("factor_names has 1 names, but the labels in " + path + " have 3 factors").c_str(),
        OptionError);
    archive(npy("<i8", "(2, 2)", raw<std::int64_t>({0, 0, 0, 0})));
    options.read.factor_names.clear();
    CHECK_THROWS_WITH_AS(
        load_data_set(path, options, {}),
        (path + ": the classes of factors \"latents_classes\", i64 [2, 2], do not go "
                "with the factors, expected whole numbers [2, 3]")
            .c_str(),
        DataError);
  }

  TEST_CASE("HDF5 groups named train and test are splits") {
    const ScratchFolder folder;
    const std::string path = (folder / "a.h5").string();
    {
      hdf5::Writer writer(path);
      writer.write("train/codes", Tensor({4, 2}));
      writer.write("train/labels", Tensor({4}, DType::I64));
      writer.write("train/index", Tensor({4}, DType::I64));
      writer.write("test/codes", Tensor({3, 2}));
      writer.commit();
    }
    const DataSet set = load_data_set(path, plain(), {});
    CHECK(set.train().size() == 4);
    CHECK(set.train().labels().has_classes());
    CHECK(set.find("test")->size() == 3);
  }

  TEST_CASE("further samples are read in the form of the training data") {
    const ScratchFolder folder;
    const std::string path = folder.put("a.csv", "n,t\n0,x\n10,y\n");
    DataOptions options;
    options.test = 0;
    options.scaling = Scaling::MinMax;
    const DataSet set = load_data_set(path, options, {});
    std::vector<std::string> notes;
    const auto input = load_input(folder.put("b.csv", "n,t\n5,y\n20,z\n"), set, {}, notes);
    const std::uint32_t rows[] = {0, 1};
    std::vector<float> values(6);
    input->read(rows, values.data());
    CHECK(values == std::vector<float>{0.5f, 0, 1, 2, 0, 0});
    CHECK(notes.size() == 1);
    CHECK_THROWS_AS(load_input(folder.put("c.npy", npy("|u1", "(1, 2)", "ab")), set, {}, notes),
                    DataError);
  }

  TEST_CASE("a table to be encoded may lack its label, and read its categories like numbers") {
    const ScratchFolder folder;
    DataOptions options;
    options.test = 0;
    options.scaling = Scaling::None;
    options.read.table.label = "y";
    options.read.table.leave_out = {"id"};
    const DataSet set =
        load_data_set(folder.put("a.csv", "id,n,t,y\n7,1,x,0\n8,2,12,1\n9,3,12,1\n"), options, {});
    CHECK(set.feature_names == std::vector<std::string>{"n", "t=12", "t=x"});
    std::vector<std::string> notes;
    const auto input = load_input(folder.put("b.csv", "n,t\n4,12\n5,12\n"), set, {}, notes);
    CHECK_FALSE(input->labels().has_classes());
    const std::uint32_t rows[] = {0, 1};
    std::vector<float> values(6);
    input->read(rows, values.data());
    CHECK(values == std::vector<float>{4, 1, 0, 5, 1, 0});
    CHECK(notes.empty());
    CHECK_THROWS_WITH_AS(load_input(folder.put("c.csv", "n,u\n4,12\n"), set, {}, notes),
                         doctest::Contains("column \"u\" stands where "), DataError);
  }

  TEST_CASE("a table without header to be encoded may consist of features only") {
    const ScratchFolder folder;
    DataOptions options;
    options.test = 0;
    options.scaling = Scaling::None;
    options.read.table.label = "-1";
    options.read.table.columns = {"a", "b", "y"};
    const DataSet set = load_data_set(folder.put("a.csv", "1,2,0\n3,4,1\n"), options, {});
    std::vector<std::string> notes;
    const std::uint32_t rows[] = {0};
    std::vector<float> values(2);
    const auto input = load_input(folder.put("b.csv", "5,6\n"), set, {}, notes);
    input->read(rows, values.data());
    CHECK(values == std::vector<float>{5, 6});
    CHECK_FALSE(input->labels().has_classes());
    CHECK(load_input(folder.put("c.csv", "5,6,1\n"), set, {}, notes)->labels().has_classes());
    CHECK_THROWS_WITH_AS(load_input(folder.put("d.csv", "5\n"), set, {}, notes),
                         doctest::Contains("is not like the training data: `columns` has 3 names"),
                         DataError);
  }

  TEST_CASE("a name as long as a file's may not be is an unknown one") {
    const std::string name(300, 'a');
    CHECK(fault_of_name(name, {}).starts_with("unknown data set "));
    CHECK_THROWS_AS(load_data_set(name, {}, {}), ConfigError);
  }

  TEST_CASE("labels are classes where they are whole numbers, exactly") {
    const auto classes = [](auto... values) {
      using T = std::common_type_t<decltype(values)...>;
      Tensor array({sizeof...(values)}, dtype_of<T>());
      const T all[] = {values...};
      std::ranges::copy(all, array.values<T>().begin());
      return labels_of(array, "y", "f").has_classes();
    };
    CHECK(classes(0.0, 2.0));
    CHECK(classes(-1.0f, 3.0f));
    CHECK_FALSE(classes(1.0, 0.5));
    CHECK_FALSE(classes(0.0, 16777216.5));  // as 32 bits it would be whole
    CHECK_FALSE(classes(0.0f, 1e30f));
  }

  TEST_CASE("other data have another sum") {
    const ScratchFolder folder;
    const auto sum = [&](const std::string& content) {
      return load_data_set(folder.put("t.csv", content), plain(), {}).checksum;
    };
    const std::string table = counting_csv(20);
    CHECK(sum(table) == sum(table));
    CHECK(sum(table) != sum(table + "20,0\n"));
    std::string changed = table;
    changed.replace(changed.find("\n7,"), 3, "\n6,");
    CHECK(sum(table) != sum(changed));
  }

  TEST_CASE("a file's format is found by its content") {
    const ScratchFolder folder;
    CHECK(format_of(folder.put("a.csv", npy("|u1", "(1,)", "a"))) == DataFormat::Npy);
    CHECK(format_of(folder.put("b", gzip("1,2\n3,4\n"))) == DataFormat::Table);
    CHECK(format_of(folder.put("c.npz", idx(8, {1}, "a"))) == DataFormat::Idx);
    CHECK(format_of(folder.put("d.npz", zip({}))) == DataFormat::Npz);
    CHECK(format_of(folder.put("e.npy", std::string("\x01\x02", 2))) == DataFormat::Npy);
    const std::string path = folder.put("f.jpeg", "\xff\xd8\x01");
    CHECK_THROWS_WITH_AS(format_of(path),
                         (path + ": is no file of samples that is known, expected IDX, NPY, NPZ, "
                                 "HDF5, CIFAR, a picture or a "
                                 "table of text")
                             .c_str(),
                         DataError);
  }

  TEST_CASE("faults say what to do") {
    const ScratchFolder folder;
    const DataPlaces places{(folder / "data").string(), {folder.path()}};
    DataOptions options;
    folder.put("digits.yaml",
               "name: digits\ntitle: a test\nformat: idx\nshape: [2, 2]\n"
               "files:\n  train:\n    samples: " +
                   file_entry("a.idx") + "\n    labels: " + file_entry("b.idx") +
                   "\nclass_names: [no, yes]\n");
    CHECK_THROWS_WITH_AS(load_data_set("digist", {}, places),
                         "unknown data set \"digist\"; did you mean \"digits\"?", ConfigError);
    CHECK_THROWS_WITH_AS(
        load_data_set("digits", {}, places),
        ("data set \"digits\": the file a.idx is missing; looked for " +
         (folder / "data/digits/a.idx").string() +
         "; to fetch it: hourglass datasets fetch digits --data-root " + (folder / "data").string())
            .c_str(),
        DataError);
    const std::string samples = folder.put("data/digits/a.idx", idx(8, {3, 4}, "abcdefghijkl"));
    const std::string labels = folder.put("data/digits/b.idx", idx(8, {2}, std::string(2, '\0')));
    CHECK_THROWS_WITH_AS(load_data_set("digits", {}, places),
                         (labels + ": has 2 labels, but there are 3 samples in " + samples).c_str(),
                         DataError);
    folder.put("data/digits/b.idx", idx(8, {3}, std::string("\0\1\2", 3)));
    CHECK_THROWS_WITH_AS(load_data_set("digits", {}, places),
                         (samples + ": has the label 2, expected 0 to 1, or -1 for none").c_str(),
                         DataError);
    folder.put("data/digits/b.idx", idx(9, {3}, std::string("\0\1\xff", 3)));  // -1: none
    options.test = 0;
    CHECK(load_data_set("digits", options, places).labelled.size() == 2);
    folder.put("data/digits/a.idx", idx(8, {3, 3}, "abcdefghi"));
    CHECK_THROWS_WITH_AS(load_data_set("digits", {}, places),
                         (samples + ": the samples have shape [3], expected [2, 2]").c_str(),
                         DataError);
    folder.put("data/digits/a.idx", idx(8, {0, 4}, ""));
    CHECK_THROWS_WITH_AS(load_data_set("digits", {}, places),
                         (samples + ": the array of samples, [0, 4], is empty").c_str(), DataError);

    options.test = 1;
    CHECK_THROWS_WITH_AS(load_data_set(samples, options, places), "test must be in [0, 1), got 1",
                         OptionError);
    options.test = 0.9;
    CHECK_THROWS_WITH_AS(load_data_set(folder.put("two.csv", "1\n2\n"), options, places),
                         "test takes 0.9 of 2 samples, which leaves none for training; choose a "
                         "smaller part",
                         OptionError);
    const std::string two = folder.put(
        "a.npz", zip({{"a.npy", npy("|u1", "(1,)", "a")}, {"b.npy", npy("|u1", "(1,)", "b")}}));
    CHECK_THROWS_WITH_AS(load_data_set(two, {}, places),
                         (two + ": it is not clear which array holds the samples; name it in "
                                "`array` (--array for init), one of: a, b")
                             .c_str(),
                         DataError);
    options = {};
    options.read.array = "c";
    CHECK_THROWS_WITH_AS(
        load_data_set(two, options, places),
        ("array names the array \"c\", which " + two + " does not have; valid: a, b").c_str(),
        OptionError);
    options.read.array = "a";
    options.read.labels_array = "d";
    CHECK_THROWS_AS(load_data_set(two, options, places), OptionError);
  }
}
