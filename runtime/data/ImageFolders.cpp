//===- ImageFolders.cpp - ImageNet's folders of images --------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Error.h"
#include "runtime/data/Dataset.h"
#include "runtime/data/ImageFile.h"
#include "runtime/data/Resample.h"
#include "runtime/random/Philox.h"

#include <algorithm>
#include <cctype>
#include <utility>

using namespace dale::runtime;
namespace fs = std::filesystem;

static constexpr const char *layout =
    "expected DIR/train/CLASS/*.JPEG and DIR/val/CLASS/*.JPEG";

//===----------------------------------------------------------------------===//
// Reading images
//===----------------------------------------------------------------------===//

namespace {
/// Images in files, one folder for each class. There are too many to be in
/// memory: the set knows their names, and decodes what a batch takes.
class FolderImages : public ImageSet {
public:
  FolderImages(fs::path folder, std::vector<std::string> classes,
               std::vector<std::string> names, std::vector<int32_t> labels,
               const ImageFit &fit)
      : ImageSet(fit.size, /*channels=*/3, std::move(labels)),
        folder(std::move(folder)), classes(std::move(classes)),
        names(std::move(names)), resize(fit.resize) {}

  void read(int64_t index, const ChooseRegion &choose,
            uint8_t *bytes) const override;

private:
  fs::path folder;
  std::vector<std::string> classes;
  /// Of the files, in the folders of their classes.
  std::vector<std::string> names;
  int64_t resize;
};
} // namespace

/// The coarsest that still has a pixel of its own for each of the result.
static int reductionFor(const Region &region, PixelSize to) {
  int reduction = 8;
  while (reduction > 1 &&
         (region.height < static_cast<double>(reduction * to.height) ||
          region.width < static_cast<double>(reduction * to.width)))
    reduction /= 2;
  return reduction;
}

void FolderImages::read(int64_t index, const ChooseRegion &choose,
                        uint8_t *bytes) const {
  EncodedImage file(folder / classes[label(index)] / names[index]);
  Region region =
      choose ? choose(file.size()) : centralRegion(file.size(), size, resize);
  int reduction = reductionFor(region, size);
  Picture picture = file.decode(reduction);
  if (picture.size.height < file.size().height)
    for (double *value :
         {&region.top, &region.left, &region.height, &region.width})
      *value /= reduction;
  resample(picture.pixels.data(), picture.size, channels(), region, size,
           bytes);
}

//===----------------------------------------------------------------------===//
// Listing them
//===----------------------------------------------------------------------===//

static bool isImageName(const fs::path &name) {
  std::string extension = name.extension().string();
  for (char &letter : extension)
    letter =
        static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return extension == ".jpeg" || extension == ".jpg" || extension == ".png";
}

/// What is in a folder, sorted by name, but nothing that is hidden.
static std::vector<fs::directory_entry> list(const fs::path &folder) {
  std::vector<fs::directory_entry> entries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (!entry->path().filename().string().starts_with("."))
      entries.push_back(*entry);
  if (error)
    fail("{}: cannot be read: {}", folder.string(), error.message());
  std::sort(entries.begin(), entries.end());
  return entries;
}

/// Throws if what is called an image is no file: before hours of training, not
/// in their midst. The folder itself knows what is a file; links take a look.
static void checkIsFile(const fs::directory_entry &entry) {
  std::error_code error;
  if (entry.is_regular_file(error))
    return;
  checkImageFile(entry.path());
  fail("{}: cannot be read: {}; take it away", entry.path().string(),
       error ? error.message() : "a link that leads nowhere");
}

static std::vector<std::string> listClasses(const fs::path &folder) {
  std::vector<std::string> classes;
  bool holdsImages = false;
  for (const fs::directory_entry &entry : list(folder)) {
    fs::path name = entry.path().filename();
    std::error_code error;
    fs::file_status status = entry.status(error);
    // A link that leads nowhere is no folder, and is not used.
    if (!fs::status_known(status))
      fail("{}: cannot be read: {}; take it away", (folder / name).string(),
           error.message());
    if (fs::is_directory(status))
      classes.push_back(name.string());
    else
      holdsImages |= isImageName(name);
  }
  if (classes.empty())
    fail("{}: has no folders of classes{}: {}; {}", folder.string(),
         holdsImages ? ", but images" : "", layout,
         holdsImages ? "move each image into the folder of its class"
                     : "unpack the data set");
  return classes;
}

static std::unique_ptr<ImageSet>
listImages(const fs::path &folder, const std::vector<std::string> &folders,
           const std::vector<std::string> &classes, const ImageFit &fit,
           std::vector<std::string> &notes) {
  std::vector<std::pair<int32_t, std::string>> images;
  int64_t others = 0;
  for (const std::string &name : folders) {
    auto label = std::lower_bound(classes.begin(), classes.end(), name);
    size_t before = images.size();
    for (const fs::directory_entry &entry : list(folder / name)) {
      fs::path file = entry.path().filename();
      if (!isImageName(file)) {
        ++others;
        continue;
      }
      checkIsFile(entry);
      images.emplace_back(label - classes.begin(), file.string());
    }
    if (images.size() == before)
      fail("{}: holds no images: expected files that end in .JPEG, .jpg or "
           ".png; unpack the data set, or take the folder away",
           (folder / name).string());
  }
  if (others > 0)
    notes.push_back(fmt::format("{}: {} of its files do not end in .JPEG, .jpg "
                                "or .png and are not used",
                                folder.string(), others));

  // Class by class, the first images would be those of few classes. All of them
  // are shuffled once, by a seed that no option changes (Fisher and Yates).
  RandomSequence random(/*seed=*/0, RandomStream::Listing, /*place=*/0);
  for (uint32_t i = static_cast<uint32_t>(images.size()); i > 1; --i)
    std::swap(images[i - 1], images[random.below(i)]);

  std::vector<std::string> names;
  std::vector<int32_t> labels;
  names.reserve(images.size());
  labels.reserve(images.size());
  for (auto &[label, name] : images) {
    labels.push_back(label);
    names.push_back(std::move(name));
  }
  return std::make_unique<FolderImages>(folder, classes, std::move(names),
                                        std::move(labels), fit);
}

//===----------------------------------------------------------------------===//
// The data set
//===----------------------------------------------------------------------===//

bool dale::runtime::holdsImageFolders(const fs::path &folder) {
  std::error_code ignored;
  return fs::is_directory(folder / "train", ignored);
}

/// A folder of val that train lacks is a class that cannot be learned.
static void checkClasses(const fs::path &val,
                         const std::vector<std::string> &tested,
                         const std::vector<std::string> &classes,
                         std::vector<std::string> &notes) {
  for (const std::string &name : tested)
    if (!std::binary_search(classes.begin(), classes.end(), name))
      fail("{}: is a class that the training set does not have: expected one "
           "of its {} folders; are both of the same data set?",
           (val / name).string(), classes.size());
  if (tested.size() < classes.size())
    notes.push_back(fmt::format("{}: has {} of the {} classes", val.string(),
                                tested.size(), classes.size()));
}

Dataset dale::runtime::loadImageFolders(const fs::path &folder,
                                        const ImageFit &fit) {
  fs::path train = folder / "train", val = folder / "val";
  std::error_code ignored;
  if (!fs::is_directory(val, ignored) &&
      fs::is_directory(folder / "test", ignored))
    val = folder / "test";
  for (const fs::path &part : {train, val})
    if (!fs::is_directory(part, ignored))
      fail("{}: no such folder: {}; unpack ImageNet's archives, one folder for "
           "each class, or correct --data",
           part.string(), layout);

  Dataset dataset;
  dataset.name = "imagenet";
  std::vector<std::string> classes = listClasses(train);
  std::vector<std::string> tested = listClasses(val);
  checkClasses(val, tested, classes, dataset.notes);
  dataset.classes = static_cast<int64_t>(classes.size());
  dataset.classNames = classes;
  dataset.train = listImages(train, classes, classes, fit, dataset.notes);
  dataset.test = listImages(val, tested, classes, fit, dataset.notes);
  return dataset;
}
