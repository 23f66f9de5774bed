//===- SweepFolder.cpp - The folder of a sweep ------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/SweepFolder.h"
#include "compiler/TextFile.h"
#include "frontend/sweep/SweepRecord.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace dale;
using namespace dale::sweep;

//===----------------------------------------------------------------------===//
// Texts and JSON
//===----------------------------------------------------------------------===//

Error sweep::makeError(const Twine &text) {
  return createStringError(inconvertibleErrorCode(), text);
}

Expected<std::string> sweep::readText(StringRef path) {
  auto buffer = MemoryBuffer::getFile(path);
  if (!buffer)
    return makeError(path + ": " +
                     StringRef(buffer.getError().message()).lower());
  return (*buffer)->getBuffer().str();
}

Error sweep::writeText(StringRef path, StringRef text) {
  if (Error error = writeTextFile(path, text))
    return makeError(path +
                     ": cannot be written: " + toString(std::move(error)));
  return Error::success();
}

Expected<json::Object> sweep::readJson(StringRef path) {
  Expected<std::string> text = readText(path);
  if (!text)
    return text.takeError();
  Expected<json::Value> value = json::parse(*text);
  if (!value)
    return makeError(path + ": no JSON: " + toString(value.takeError()));
  if (json::Object *object = value->getAsObject())
    return std::move(*object);
  return makeError(path + ": expected a JSON object");
}

std::string sweep::printObject(function_ref<void(json::OStream &)> members) {
  std::string text;
  raw_string_ostream stream(text);
  json::OStream os(stream, /*IndentSize=*/2);
  os.object([&] { members(os); });
  stream << "\n";
  return text;
}

//===----------------------------------------------------------------------===//
// What a sweep writes
//===----------------------------------------------------------------------===//

std::string SweepFolder::at(StringRef name) const {
  SmallString<256> path(root);
  sys::path::append(path, name);
  return path.str().str();
}

const Executable &sweep::executableOf(const Plan &plan, const Run &run) {
  return plan.executables[plan.conditions[run.condition].executable];
}

/// Makes a folder with all above it.
static Error makeFolder(const std::string &path) {
  if (std::error_code error = sys::fs::create_directories(path))
    return makeError(path + ": cannot be made a folder: " +
                     StringRef(error.message()).lower());
  return Error::success();
}

Error SweepFolder::write(const Plan &plan, const std::string &data) const {
  if (Error error = makeFolder(at("executables")))
    return error;
  if (Error error = writeText(at("experiment.toml"), plan.experiment.text))
    return error;
  if (Error error = writeText(at("experiment.json"), printExperiment(plan)))
    return error;
  for (const Run &run : plan.runs) {
    if (state(run.folder).state == State::Done)
      continue;
    if (Error error = makeFolder(at(run.folder)))
      return error;
    if (Error error =
            writeText(at(run.folder + "/run.json"), printRun(plan, run, data)))
      return error;
  }
  return Error::success();
}

static StringRef nameOf(State state) {
  switch (state) {
  case State::Done:
    return "done";
  case State::Failed:
    return "failed";
  default:
    return "waiting";
  }
}

Error SweepFolder::writeStates(const Plan &plan,
                               ArrayRef<RunState> states) const {
  size_t done = 0, failed = 0;
  for (const RunState &state : states) {
    done += state.state == State::Done;
    failed += state.state == State::Failed;
  }
  return writeText(
      at("sweep.json"), printObject([&](json::OStream &os) {
        os.attribute("experiment", plan.experiment.name);
        os.attributeObject("counts", [&] {
          os.attribute("runs", static_cast<int64_t>(states.size()));
          os.attribute("done", static_cast<int64_t>(done));
          os.attribute("failed", static_cast<int64_t>(failed));
          os.attribute("waiting",
                       static_cast<int64_t>(states.size() - done - failed));
        });
        os.attributeArray("runs", [&] {
          for (auto [run, state] : llvm::zip(plan.runs, states))
            os.object([&] {
              os.attribute("folder", run.folder);
              os.attribute("state", nameOf(state.state));
              if (state.state == State::Failed)
                os.attribute("reason", state.reason);
            });
        });
      }));
}

Expected<std::vector<std::string>> SweepFolder::runs() const {
  Expected<json::Object> sweep = readJson(at("sweep.json"));
  if (!sweep)
    return sweep.takeError();
  std::vector<std::string> folders;
  const json::Array *runs = sweep->getArray("runs");
  for (const json::Value &value : runs ? *runs : json::Array()) {
    const json::Object *run = value.getAsObject();
    std::optional<StringRef> folder;
    if (run)
      folder = run->getString("folder");
    if (!folder)
      return makeError(at("sweep.json") + ": a run has no folder");
    folders.push_back(folder->str());
  }
  return folders;
}

Expected<std::vector<std::string>> SweepFolder::command(StringRef run) const {
  std::string file = at(run.str() + "/run.json");
  Expected<json::Object> object = readJson(file);
  if (!object)
    return object.takeError();
  std::vector<std::string> arguments;
  if (const json::Array *command = object->getArray("command"))
    for (const json::Value &argument : *command)
      if (std::optional<StringRef> text = argument.getAsString())
        arguments.push_back(text->str());
  if (arguments.empty())
    return makeError(file + ": has no command");
  return arguments;
}

//===----------------------------------------------------------------------===//
// What killed writers left
//===----------------------------------------------------------------------===//

/// Whether a file is one that a writer was killed over.
static bool isLeftover(StringRef name) {
  // The runtime's, and dale's own.
  StringRef rest = name.rsplit(".tmp-").second;
  if ((rest.size() == 6 && name.contains(".tmp-")) ||
      name.contains(".temp-stream-"))
    return true;
  // NAME.1a2b3c.tmp: what the linker was at. Other files may be the user's.
  if (!name.consume_back(".tmp"))
    return false;
  auto [linked, digits] = name.rsplit('.');
  return !linked.empty() && digits.size() == 6 &&
         llvm::all_of(digits, llvm::isHexDigit);
}

template <typename Iterator>
static void removeLeftoversIn(const std::string &folder) {
  std::error_code error;
  std::vector<std::string> files;
  for (Iterator it(folder, error), end; it != end && !error;
       it.increment(error))
    if (isLeftover(sys::path::filename(it->path())))
      files.push_back(it->path());
  for (const std::string &file : files)
    sys::fs::remove(file);
}

void SweepFolder::removeLeftovers() const {
  removeLeftoversIn<sys::fs::directory_iterator>(root);
  removeLeftoversIn<sys::fs::directory_iterator>(at("executables"));
}

void SweepFolder::removeLeftovers(StringRef run) const {
  removeLeftoversIn<sys::fs::recursive_directory_iterator>(at(run));
}

//===----------------------------------------------------------------------===//
// How runs stand
//===----------------------------------------------------------------------===//

/// The last line of a log that tells an error, without what stands before it,
/// of what was printed since the run was last begun.
static std::string lastError(StringRef log) {
  StringRef reason;
  SmallVector<StringRef> lines;
  log.split(lines, '\n');
  for (StringRef line : lines) {
    line = line.rsplit('\r').second.empty() ? line : line.rsplit('\r').second;
    if (line.starts_with("$ "))
      reason = "";
    else if (size_t place = line.find("error: "); place != StringRef::npos)
      reason = line.drop_front(place + strlen("error: "));
  }
  return reason.trim().str();
}

RunState SweepFolder::state(StringRef run) const {
  Expected<json::Object> summary = readJson(at(run.str() + "/summary.json"));
  if (!summary)
    consumeError(summary.takeError());
  else if (summary->getBoolean("complete").value_or(false))
    return {State::Done, ""};
  Expected<std::string> text = readText(log(run));
  if (!text) {
    consumeError(text.takeError());
    return {};
  }
  std::string reason = lastError(*text);
  if (!reason.empty())
    return {State::Failed, reason};
  return {};
}

void SweepFolder::forgetFailure(StringRef run) const {
  std::error_code error;
  raw_fd_ostream os(log(run), error, sys::fs::OF_Append);
  if (!error)
    os << "$ to be tried again\n";
}

std::vector<RunState> SweepFolder::states(const Plan &plan) const {
  std::vector<RunState> states;
  for (const Run &run : plan.runs)
    states.push_back(state(run.folder));
  return states;
}
