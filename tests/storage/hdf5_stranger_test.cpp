#include <support/runs.hpp>
#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>
#include <hdf5.h>
#include <algorithm>
#include <functional>
#include <hourglass/core/error.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/h5_file.hpp>

#if defined(__SANITIZE_ADDRESS__)
// libhdf5 itself forgets memory when an object's header turns out to be damaged.
extern "C" __attribute__((visibility("default"))) const char* __lsan_default_suppressions() {
  return "leak:libhdf5";
}
#endif

using namespace hourglass;

namespace {

// A file as another program would write it.
std::filesystem::path make(const ScratchFolder& folder, const std::function<void(hid_t)>& fill) {
  const auto path = folder / "stranger.h5";
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  fill(file);
  H5Fclose(file);
  return path;
}

void add_dataset(hid_t file, const char* name, hid_t type, std::vector<hsize_t> extents,
                 hid_t properties = H5P_DEFAULT, const void* data = nullptr) {
  const hid_t space = H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr);
  const hid_t dataset = H5Dcreate2(file, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
  if (data != nullptr) H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
  H5Dclose(dataset);
  H5Sclose(space);
}

// What is said of a file, without its path.
template <class Action>
std::string complaint(const std::filesystem::path& path, Action&& action) {
  try {
    action();
  } catch (const DataError& error) {
    const std::string message = error.what();
    REQUIRE(message.starts_with(path.string()));
    return message.substr(path.string().size());
  }
  return "none";
}

std::string complaint_of_reading(const std::filesystem::path& path, const char* dataset) {
  return complaint(path, [&] { hdf5::Reader(path).read(dataset); });
}

hid_t chunked(std::vector<hsize_t> extents, int deflate = 0) {
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(properties, static_cast<int>(extents.size()), extents.data());
  if (deflate > 0) H5Pset_deflate(properties, static_cast<unsigned>(deflate));
  return properties;
}

}  // namespace

TEST_SUITE("storage/hdf5 from strangers") {
  TEST_CASE("what is no HDF5 file is called so") {
    const ScratchFolder folder;
    const auto open = [&](const std::filesystem::path& path) {
      return complaint(path, [&] { hdf5::Reader file(path); });
    };
    CHECK(open(folder / "none.h5") == ": there is no such file");
    CHECK(open(folder.path()) == ": is not a regular file");
    CHECK(open(folder.put("empty.h5", "")) == ": is empty");
    CHECK(open(folder.put("text.h5", "hello")) ==
          ": is not an HDF5 file, or its beginning is damaged");
    CHECK(complaint(folder / "none.h5", [&] { hdf5::contents(folder / "none.h5"); }) ==
          ": there is no such file");
  }

  TEST_CASE("a file cut short anywhere is an error, never a crash") {
    const ScratchFolder folder;
    hdf5::Writer writer(folder / "a.h5");
    writer.write("group/x", Tensor({40, 5}));
    writer.set_attribute("", "name", "value");
    writer.commit();
    const std::string whole = read_text_file(folder / "a.h5");
    const std::size_t end = whole.rfind("\nhourglass crc32");
    REQUIRE(end < whole.size());
    for (std::size_t size = 0; size < end; size += 7) {
      const auto path = folder.put("cut.h5", whole.substr(0, size));
      CAPTURE(size);
      CHECK(complaint_of_reading(path, "group/x") != "none");
    }
  }

  TEST_CASE("any flipped byte of a file of ours is noticed, in numbers and texts as well") {
    const ScratchFolder folder;
    hdf5::Writer writer(folder / "a.h5");
    writer.write("group/x", Tensor({4, 5}));
    writer.set_attribute("", "text", "words");
    writer.commit();
    const std::string whole = read_text_file(folder / "a.h5");
    for (std::size_t i = 0; i < whole.size(); i += 5) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x5a);
      const auto path = folder.put("damaged.h5", damaged);
      CAPTURE(i);
      if (i + 27 < whole.size()) {
        CHECK(complaint(path, [&] { hdf5::Reader file(path); }) ==
              ": is damaged: its checksum does not match its content");
      }
    }
  }

  TEST_CASE("without its checksum, a flipped byte is an error or another number, never a crash") {
    const ScratchFolder folder;
    hdf5::Writer writer(folder / "a.h5");
    writer.write("group/x", Tensor({4, 5}));
    writer.set_attribute("", "list", std::vector<std::int64_t>{1, 2, 3});
    writer.set_attribute("", "text", "words");
    writer.commit();
    std::string whole = read_text_file(folder / "a.h5");
    whole.resize(whole.rfind("\nhourglass crc32"));
    for (std::size_t i = 0; i < whole.size(); i += 3) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x5a);
      const auto path = folder.put("damaged.h5", damaged);
      CAPTURE(i);
      try {
        hdf5::contents(path);
        hdf5::Reader(path).read("group/x");
      } catch (const DataError&) {
      }
    }
  }

  TEST_CASE("a dataset that is missing, a group or not numbers is refused by name") {
    const ScratchFolder folder;
    const auto path = make(folder, [](hid_t file) {
      H5Gclose(H5Gcreate2(file, "group", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
      const hid_t string = H5Tcopy(H5T_C_S1);
      H5Tset_size(string, 4);
      add_dataset(file, "words", string, {2});
      const hid_t pair = H5Tcreate(H5T_COMPOUND, 8);
      H5Tinsert(pair, "a", 0, H5T_NATIVE_INT);
      H5Tinsert(pair, "b", 4, H5T_NATIVE_INT);
      add_dataset(file, "pairs", pair, {2});
      add_dataset(file, "wide", H5T_NATIVE_LDOUBLE, {2});
      add_dataset(file, "deep", H5T_NATIVE_INT, {1, 1, 1, 1, 1, 1, 1, 1, 1});
      const hid_t null = H5Screate(H5S_NULL);
      H5Dclose(
          H5Dcreate2(file, "null", H5T_NATIVE_INT, null, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    });
    CHECK(complaint_of_reading(path, "none") == ": has no dataset \"none\"");
    CHECK(complaint_of_reading(path, "words/x") == ": has no dataset \"words/x\"");
    CHECK(complaint_of_reading(path, "group") == ": \"group\" is not a dataset");
    CHECK(complaint_of_reading(path, "words") == ": dataset \"words\" must hold numbers, got text");
    CHECK(complaint_of_reading(path, "pairs") ==
          ": dataset \"pairs\" must hold numbers, got compound");
    CHECK(complaint_of_reading(path, "wide") ==
          ": dataset \"wide\" must hold numbers, got 128-bit float");
    CHECK(complaint_of_reading(path, "deep").starts_with(": dataset \"deep\" has no shape"));
    CHECK(complaint_of_reading(path, "null").starts_with(": dataset \"null\" has no shape"));
    CHECK(complaint(path, [&] { hdf5::Reader(path).list("words"); }) ==
          ": \"words\" is not a group");
  }

  TEST_CASE("texts of fixed and of variable length are read") {
    const ScratchFolder folder;
    const auto path = make(folder, [](hid_t file) {
      const hid_t fixed = H5Tcopy(H5T_C_S1), variable = H5Tcopy(H5T_C_S1);
      H5Tset_size(fixed, 4);
      H5Tset_size(variable, H5T_VARIABLE);
      H5Tset_cset(variable, H5T_CSET_UTF8);
      add_dataset(file, "fixed", fixed, {3}, H5P_DEFAULT, "ab\0\0wxyz\0\0\0\0");
      H5Tset_strpad(fixed, H5T_STR_SPACEPAD);
      add_dataset(file, "blanks", fixed, {2}, H5P_DEFAULT, "a   b c ");
      const std::string longest(4096, 'x'), longer(4097, 'x');
      const char* words[] = {"HES4", "", "\u03b1", longest.c_str()};
      add_dataset(file, "variable", variable, {4}, H5P_DEFAULT, words);
      add_dataset(file, "packed", variable, {4}, chunked({3}, 6), words);
      add_dataset(file, "table", variable, {2, 2}, H5P_DEFAULT, words);
      add_dataset(file, "none", variable, {0});
      words[1] = longer.c_str();
      add_dataset(file, "longer", variable, {4}, H5P_DEFAULT, words);
      add_dataset(file, "many", variable, {100'001}, chunked({1000}));
      add_dataset(file, "numbers", H5T_NATIVE_INT, {2});
    });
    using Texts = std::vector<std::string>;
    const hdf5::Reader reader(path);
    CHECK(reader.read_texts("fixed") == Texts{"ab", "wxyz", ""});
    CHECK(reader.read_texts("blanks") == Texts{"a", "b c"});
    CHECK(reader.read_texts("variable") == Texts{"HES4", "", "\u03b1", std::string(4096, 'x')});
    CHECK(reader.read_texts("packed") == reader.read_texts("variable"));
    CHECK(reader.read_texts("none").empty());
    const auto fault = [&](const char* name) {
      return complaint(path, [&] { reader.read_texts(name); });
    };
    CHECK(fault("table") == ": dataset \"table\" must hold texts, one after another");
    CHECK(fault("numbers") == ": dataset \"numbers\" must hold texts, one after another");
    CHECK(fault("longer") ==
          ": dataset \"longer\" cannot be read: it is damaged, or has a text of more than 4096 "
          "bytes");
    CHECK(fault("many") ==
          ": dataset \"many\" claims more than 100000 texts of 4096 bytes, the most that are read");
    CHECK(fault("absent") == ": has no dataset \"absent\"");
  }

  TEST_CASE("damage within texts of variable length crashes nothing") {
    const ScratchFolder folder;
    const auto path = make(folder, [](hid_t file) {
      const hid_t variable = H5Tcopy(H5T_C_S1);
      H5Tset_size(variable, H5T_VARIABLE);
      const char* words[] = {"one", "two", "three"};
      add_dataset(file, "x", variable, {3}, H5P_DEFAULT, words);
    });
    const std::string whole = testing::read_all(path);
    const std::size_t heap = whole.find("GCOL");
    REQUIRE(heap != whole.npos);
    int refused = 0;
    for (std::size_t i = heap; i < heap + 64; ++i) {
      std::string damaged = whole;
      damaged[i] = static_cast<char>(damaged[i] ^ 0xff);
      CAPTURE(i);
      try {
        hdf5::Reader(folder.put("damaged.h5", damaged)).read_texts("x");
      } catch (const DataError&) {
        ++refused;
      }
    }
    CHECK(refused > 0);
  }

  TEST_CASE("a shape larger than the file is refused before memory is taken for it") {
    const ScratchFolder folder;
    const auto path = make(folder, [](hid_t file) {
      add_dataset(file, "plain", H5T_NATIVE_FLOAT, {1u << 20, 1u << 20});
      add_dataset(file, "chunked", H5T_NATIVE_FLOAT, {1u << 20, 1u << 20}, chunked({16, 16}, 6));
      add_dataset(file, "overflow", H5T_NATIVE_FLOAT, {1ull << 40, 1ull << 40}, chunked({1, 1}));
      add_dataset(file, "chunk", H5T_NATIVE_DOUBLE, {1u << 29}, chunked({(1u << 29) - 1}));
    });
    CHECK(complaint_of_reading(path, "plain")
              .starts_with(
                  ": dataset \"plain\" claims shape [1048576, 1048576], more than the file of "));
    CHECK(complaint_of_reading(path, "chunked").find("more than the file of") != std::string::npos);
    CHECK(complaint_of_reading(path, "overflow").find("has no shape that can be read") !=
          std::string::npos);
    CHECK(complaint_of_reading(path, "chunk") != "none");
    const hdf5::Reader file(path);
    CHECK(file.read_rows("chunked", 5, 2).size() == 2 << 20);
    CHECK_THROWS_AS(file.read_rows("plain", 0, 1 << 19), DataError);
  }

  TEST_CASE("a chunk that does not unpack to the bytes that its dataset claims is refused") {
    const ScratchFolder folder;
    const auto path = make(folder, [](hid_t file) {
      const auto write = [&](const char* name, hid_t properties, const std::string& stored) {
        add_dataset(file, name, H5T_NATIVE_FLOAT, {64, 64}, properties);
        const hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
        const hsize_t place[] = {0, 0};
        H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, place, stored.size(), stored.data());
        H5Dclose(dataset);
      };
      // "words", deflated.
      const char deflated[] =
          "x\x9c+\xcf/J)\x06\x00\x06\xa5\x02"
          "0";
      const std::string few(deflated, sizeof deflated - 1);
      write("few", chunked({64, 64}, 6), few);
      write("damaged", chunked({64, 64}, 6), few.substr(0, 6));
    });
    for (const char* name : {"few", "damaged"}) {
      CAPTURE(name);
      CHECK(complaint_of_reading(path, name).find("its chunks are damaged") != std::string::npos);
    }
  }

  TEST_CASE("filters whose result cannot be measured beforehand are refused by name") {
    const ScratchFolder folder;
    const std::vector<float> values(64, 1.5f);
    const auto path = make(folder, [&](hid_t file) {
      const auto write = [&](const char* name, const std::vector<int>& filters) {
        const hid_t properties = chunked({8, 8});
        for (const int filter : filters) {
          if (filter == H5Z_FILTER_DEFLATE) H5Pset_deflate(properties, 6);
          if (filter == H5Z_FILTER_SHUFFLE) H5Pset_shuffle(properties);
          if (filter == H5Z_FILTER_FLETCHER32) H5Pset_fletcher32(properties);
          if (filter == H5Z_FILTER_NBIT) H5Pset_nbit(properties);
        }
        add_dataset(file, name, H5T_NATIVE_FLOAT, {8, 8}, properties, values.data());
      };
      constexpr int kGzip = H5Z_FILTER_DEFLATE, kShuffle = H5Z_FILTER_SHUFFLE;
      constexpr int kSum = H5Z_FILTER_FLETCHER32;
      write("usual", {kShuffle, kGzip, kSum});
      write("sum first", {kSum, kShuffle, kGzip});
      write("sums", {kSum, kGzip, kSum});
      write("shuffled", {kGzip, kShuffle});
      write("twice", {kGzip, kGzip});
      write("nbit", {H5Z_FILTER_NBIT});
    });
    const hdf5::Reader file(path);
    for (const char* name : {"usual", "sum first", "sums"}) {
      CAPTURE(name);
      const Tensor read = file.read(name);
      CHECK(std::ranges::equal(read.floats(), values));
    }
    const std::string advice = ", which cannot be read here; write it with gzip";
    CHECK(complaint_of_reading(path, "shuffled") ==
          ": dataset \"shuffled\" is passed through shuffle after gzip" + advice);
    CHECK(complaint_of_reading(path, "twice") ==
          ": dataset \"twice\" is passed through gzip after gzip" + advice);
    CHECK(complaint_of_reading(path, "nbit") ==
          ": dataset \"nbit\" is compressed by nbit" + advice);
  }

  TEST_CASE("links, storage and filters that lead out of the file are not followed") {
    const ScratchFolder folder;
    make(folder, [](hid_t file) { add_dataset(file, "x", H5T_NATIVE_INT, {2}); });
    std::filesystem::rename(folder / "stranger.h5", folder / "other.h5");
    folder.put("raw.bin", "12345678");
    const auto path = make(folder, [&](hid_t file) {
      H5Lcreate_external("other.h5", "/x", file, "external", H5P_DEFAULT, H5P_DEFAULT);
      H5Lcreate_soft("/real", file, "soft", H5P_DEFAULT, H5P_DEFAULT);
      const hid_t outside = H5Pcreate(H5P_DATASET_CREATE);
      H5Pset_external(outside, (folder / "raw.bin").c_str(), 0, 8);
      add_dataset(file, "outside", H5T_NATIVE_INT, {2}, outside);
      const hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
      const hsize_t extent = 2;
      const hid_t space = H5Screate_simple(1, &extent, nullptr);
      H5Pset_virtual(layout, space, "other.h5", "/x", space);
      add_dataset(file, "virtual", H5T_NATIVE_INT, {2}, layout);
    });
    const std::string link = " is reached by a link to elsewhere, which is not followed";
    CHECK(complaint_of_reading(path, "external") == ": \"external\"" + link);
    CHECK(complaint_of_reading(path, "soft") == ": \"soft\"" + link);
    CHECK(complaint_of_reading(path, "outside") == ": dataset \"outside\" lies in other files");
    CHECK(complaint_of_reading(path, "virtual") ==
          ": dataset \"virtual\" is virtual: its data lie in other files");
    const auto entries = hdf5::contents(path);
    REQUIRE(entries.size() == 5);
    CHECK(entries[1].kind == hdf5::Entry::Kind::Link);
    CHECK(entries[4].type == "(virtual)");
  }

  TEST_CASE("a group that holds itself ends the listing") {
    const ScratchFolder folder;
    const auto path = make(folder, [](hid_t file) {
      const hid_t group = H5Gcreate2(file, "loop", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
      H5Lcreate_hard(group, ".", group, "loop", H5P_DEFAULT, H5P_DEFAULT);
      H5Gclose(group);
    });
    CHECK(complaint(path, [&] { hdf5::contents(path); }).find("nested deeper than 32") !=
          std::string::npos);
  }

  TEST_CASE("big-endian, compressed and half-precision numbers are read") {
    const ScratchFolder folder;
    const float values[] = {1, 2, 3, 4, 5, 6};
    const auto path = make(folder, [&](hid_t file) {
      const auto write = [&](const char* name, hid_t type, hid_t properties) {
        const hsize_t extents[] = {3, 2};
        const hid_t space = H5Screate_simple(2, extents, nullptr);
        const hid_t dataset =
            H5Dcreate2(file, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
        H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
        H5Dclose(dataset);
        H5Sclose(space);
      };
      write("big", H5T_IEEE_F64BE, H5P_DEFAULT);
      write("packed", H5T_STD_U16BE, chunked({2, 2}, 6));
      const hid_t half = H5Tcopy(H5T_IEEE_F32LE);
      H5Tset_fields(half, 15, 10, 5, 0, 10);
      H5Tset_size(half, 2);
      H5Tset_ebias(half, 15);
      write("half", half, H5P_DEFAULT);
    });
    const hdf5::Reader file(path);
    CHECK(file.dtype("big") == DType::F64);
    CHECK(file.read("big").values<double>()[5] == 6);
    CHECK(file.read("packed").values<std::uint16_t>()[4] == 5);
    CHECK(file.read_rows("packed", 1, 2).values<std::uint16_t>()[0] == 3);
    CHECK(file.dtype("half") == DType::F32);
    CHECK(file.read("half").floats()[1] == 2);
  }
}
