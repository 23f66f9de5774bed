//===- dale-fuzz-circuits.cpp - Circuit files with mistakes, read ---------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// dale-fuzz-circuits [--runs N] [--seed S] [--first I] [--print] [--root DIR]
///
/// Reads circuit files that are made wrong at random. Every one must give a
/// circuit or an error with a place; a circuit must be the same once it has
/// been printed and read again, and a small one can be expanded. Stops at the
/// first that does not, prints it, and exits with 1. Input I depends on S and I
/// only.
///
//===----------------------------------------------------------------------===//

#include "Mutator.h"
#include "compiler/Pipeline.h"
#include "compiler/Registration.h"
#include "frontend/Frontend.h"
#include "mlir/Pass/PassManager.h"
#include "test/random/RandomCircuit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <csignal>
#include <sys/time.h>
#include <unistd.h>

using namespace mlir;
using namespace dale;
using namespace dale::test;

namespace path = llvm::sys::path;
namespace cl = llvm::cl;

static cl::opt<uint64_t> runs("runs", cl::init(10000),
                              cl::desc("how many inputs"));
static cl::opt<uint64_t> seed("seed", cl::init(0), cl::desc("the seed"));
static cl::opt<uint64_t> first("first", cl::init(0),
                               cl::desc("the first input"));
static cl::opt<bool> print("print", cl::desc("print the inputs only"));
static cl::opt<std::string> root("root", cl::init(DALE_SOURCE_FOLDER),
                                 cl::desc("dale's sources"));

/// An input that takes longer than this many seconds of the processor counts as
/// never done. A wall clock would also count what else the machine does.
static constexpr time_t timeLimit = 10;

/// Of so many inputs some are circuits: where none is, nothing was tested.
static constexpr uint64_t manyRuns = 1000;

//===----------------------------------------------------------------------===//
// What was read when it crashed
//===----------------------------------------------------------------------===//

static const std::string *current;
static uint64_t currentIndex;

static void printCurrent() {
  llvm::errs() << "input " << currentIndex << " of seed " << seed << "\n----\n";
  llvm::errs().write(current->data(), current->size());
  llvm::errs() << "\n----\n";
}

static void onSignal(int number) {
  // Little is allowed here, and nothing can be lost: the process ends.
  llvm::errs() << (number == SIGPROF ? "takes too long" : "crash")
               << ", signal " << number << ": ";
  printCurrent();
  _exit(1);
}

static void handleSignals() {
  // A stack of its own, for where recursion has used up the other one.
  static char memory[1 << 16];
  stack_t stack = {};
  stack.ss_sp = memory;
  stack.ss_size = sizeof(memory);
  sigaltstack(&stack, nullptr);
  struct sigaction action = {};
  action.sa_handler = onSignal;
  action.sa_flags = SA_ONSTACK;
  for (int number : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGPROF})
    sigaction(number, &action, nullptr);
}

/// SIGPROF after so many seconds, or never.
static void setTimer(time_t seconds) {
  itimerval timer = {};
  timer.it_value.tv_sec = seconds;
  setitimer(ITIMER_PROF, &timer, nullptr);
}

//===----------------------------------------------------------------------===//
// Seeds
//===----------------------------------------------------------------------===//

namespace {

/// Circuit files to start from, in a folder of their own, where a base that one
/// names is found beside it.
struct Seeds {
  llvm::SmallString<128> folder;
  std::vector<std::string> texts;
  /// Where a mutated text is written: beside what it was made of.
  std::vector<std::string> inputs;

  bool load();
  ~Seeds() {
    if (!folder.empty())
      llvm::sys::fs::remove_directories(folder);
  }

private:
  bool loadFolder(StringRef name);
};

/// Reads one text after the other.
class Fuzzer {
public:
  /// What is wrong with how this input was handled, or nothing.
  std::string check(const std::string &text, const std::string &file);

  uint64_t accepted = 0, expanded = 0;

private:
  FailureOr<ParsedCircuit> parse(const std::string &text,
                                 const std::string &file);
  void renew();

  std::unique_ptr<MLIRContext> context;
  uint64_t uses = 0;
  unsigned located = 0, unlocated = 0;
  std::string messages;
};

} // namespace

bool Seeds::loadFolder(StringRef name) {
  llvm::SmallString<128> from(root), to(folder);
  path::append(from, name);
  path::append(to, name);
  if (llvm::sys::fs::create_directories(to))
    return false;
  std::error_code error;
  std::vector<std::string> files;
  for (llvm::sys::fs::directory_iterator it(from, error), end;
       !error && it != end; it.increment(error))
    if (path::extension(it->path()) == ".toml")
      files.push_back(it->path());
  // The order of a folder is not the same everywhere.
  llvm::sort(files);
  llvm::SmallString<128> input(to);
  path::append(input, "input.toml");
  for (const std::string &file : files) {
    llvm::SmallString<128> copy(to);
    path::append(copy, path::filename(file));
    auto buffer = llvm::MemoryBuffer::getFile(file);
    if (!buffer || llvm::sys::fs::copy_file(file, copy))
      return false;
    texts.push_back((*buffer)->getBuffer().str());
    inputs.push_back(input.str().str());
  }
  return !error && !files.empty();
}

bool Seeds::load() {
  if (llvm::sys::fs::createUniqueDirectory("dale-fuzz", folder) ||
      !loadFolder("examples") || !loadFolder("test/golden"))
    return false;
  // Files without a base, that say all they are.
  for (uint64_t random = 0; random < 10; ++random) {
    texts.push_back(randomCircuit(random));
    inputs.push_back(inputs.front());
  }
  return true;
}

//===----------------------------------------------------------------------===//
// One input
//===----------------------------------------------------------------------===//

/// Names and places stay in a context for as long as it lives.
void Fuzzer::renew() {
  if (context && ++uses % 500)
    return;
  DialectRegistry registry;
  registerDialects(registry);
  context =
      std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
}

FailureOr<ParsedCircuit> Fuzzer::parse(const std::string &text,
                                       const std::string &file) {
  std::error_code error;
  llvm::raw_fd_ostream(file, error) << text;
  if (error)
    llvm::report_fatal_error("a file cannot be written");
  located = unlocated = 0;
  messages.clear();
  ScopedDiagnosticHandler handler(context.get(), [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      ++(isa<FileLineColLoc>(diagnostic.getLocation()) ? located : unlocated);
    llvm::raw_string_ostream os(messages);
    os << diagnostic.getLocation() << ": " << diagnostic << "\n";
  });
  return parseCircuitFile(*context, file);
}

static std::string showOps(ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream os(text);
  module.print(os);
  return text;
}

/// Whether unrolling takes no time worth speaking of.
static bool isSmall(CircuitOp circuit) {
  int64_t largest = std::max<int64_t>(4 * circuit.getSteps(),
                                      *llvm::max_element(circuit.getInput()));
  return largest <= 40;
}

std::string Fuzzer::check(const std::string &text, const std::string &file) {
  renew();
  FailureOr<ParsedCircuit> circuit = parse(text, file);
  if (unlocated)
    return "an error has no place:\n" + messages;
  if (failed(circuit))
    return located ? "" : "there is no error, and no circuit";
  if (located)
    return "there are errors, and a circuit:\n" + messages;
  ++accepted;

  std::string ops = showOps(*circuit->module);
  FailureOr<ParsedCircuit> again = parse(circuit->source, file);
  if (failed(again))
    return "what it is printed as is refused:\n" + messages + circuit->source;
  if (again->source != circuit->source)
    return "it is printed as something else than itself:\n" + circuit->source +
           "\n----\n" + again->source;
  if (showOps(*again->module) != ops)
    return "what it is printed as is another circuit:\n" + circuit->source;
  if (!isSmall(circuit->getCircuit()))
    return "";

  ++expanded;
  PassManager pm(context.get());
  PipelineOptions options;
  options.level = EmitLevel::Tensor;
  buildPipeline(pm, options);
  messages.clear();
  ScopedDiagnosticHandler handler(context.get(), [&](Diagnostic &diagnostic) {
    messages += diagnostic.str() + "\n";
  });
  if (failed(pm.run(*circuit->module)))
    return "it cannot be expanded:\n" + messages;
  return "";
}

//===----------------------------------------------------------------------===//
// All of them
//===----------------------------------------------------------------------===//

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "reads circuits with mistakes\n");
  Seeds seeds;
  if (!seeds.load()) {
    llvm::errs() << "no circuit files under " << root << "\n";
    return 2;
  }
  handleSignals();
  Fuzzer fuzzer;
  auto begin = std::chrono::steady_clock::now();
  for (uint64_t index = first; index < first + runs; ++index) {
    Draw draw(seed * 0x9E3779B97F4A7C15 + index);
    size_t which = draw.index(seeds.texts.size());
    std::string text = mutate(seeds.texts[which], seeds.texts, draw);
    if (print) {
      llvm::outs() << text;
      continue;
    }
    current = &text;
    currentIndex = index;
    setTimer(timeLimit);
    std::string failure = fuzzer.check(text, seeds.inputs[which]);
    setTimer(0);
    if (failure.empty())
      continue;
    llvm::errs() << failure << "\n";
    printCurrent();
    return 1;
  }
  std::chrono::duration<double> seconds =
      std::chrono::steady_clock::now() - begin;
  if (print)
    return 0;
  llvm::outs() << runs << " inputs, " << fuzzer.accepted << " accepted, "
               << fuzzer.expanded << " expanded, "
               << int64_t(runs / seconds.count()) << " a second\n";
  if (runs < manyRuns || fuzzer.expanded > 0)
    return 0;
  llvm::errs() << "no input was a circuit that was expanded: expected some; "
                  "the seeds or what mutates them are wrong\n";
  return 1;
}
