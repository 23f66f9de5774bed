//===- DiagnosticPrinter.cpp - Errors with the source line -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/DiagnosticPrinter.h"
#include "frontend/Override.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <set>
#include <tuple>

using namespace mlir;
using namespace dale;

DiagnosticPrinter::DiagnosticPrinter(MLIRContext *context,
                                     llvm::raw_ostream &os)
    : ScopedDiagnosticHandler(context), os(os) {
  // The source line says more than a dump of the op.
  context->printOpOnDiagnostic(false);
  setHandler([this](Diagnostic &diagnostic) {
    messages.push_back(convert(diagnostic));
    return success();
  });
}

DiagnosticPrinter::~DiagnosticPrinter() { flush(); }

//===----------------------------------------------------------------------===//
// Collecting
//===----------------------------------------------------------------------===//

DiagnosticPrinter::Message
DiagnosticPrinter::convert(const Diagnostic &diagnostic) {
  Message message{diagnostic.getSeverity(), "", 0, 0, diagnostic.str(), {}};
  Location loc = diagnostic.getLocation();
  // The innermost place in a file: passes may have fused or named locations.
  FileLineColLoc place = loc->findInstanceOf<FileLineColLoc>();
  if (place) {
    message.file = place.getFilename().str();
    message.line = place.getLine();
    message.column = place.getColumn();
  }
  for (const Diagnostic &note : diagnostic.getNotes())
    message.notes.push_back(convert(note));
  return message;
}

void DiagnosticPrinter::flush() {
  // Files stay in the order in which they first had an error.
  llvm::StringMap<unsigned> order;
  for (const Message &message : messages)
    order.try_emplace(message.file, order.size());
  auto key = [&](const Message &message) {
    return std::make_tuple(order.lookup(message.file), message.line,
                           message.column);
  };
  llvm::stable_sort(messages, [&](const Message &a, const Message &b) {
    return key(a) < key(b);
  });
  std::set<std::pair<decltype(key(messages[0])), StringRef>> shown;
  for (const Message &message : messages)
    if (shown.insert({key(message), message.text}).second)
      print(message);
  messages.clear();
  os.flush();
}

//===----------------------------------------------------------------------===//
// Printing
//===----------------------------------------------------------------------===//

static StringRef name(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Note:
    return "note";
  case DiagnosticSeverity::Warning:
    return "warning";
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Remark:
    return "remark";
  }
  return "";
}

/// The text of a file; none of a pipe, which was read once and has no more to
/// give: reading it again would wait for another writer.
static std::optional<std::string> readAgain(StringRef file) {
  if (!llvm::sys::fs::is_regular_file(file))
    return std::nullopt;
  auto buffer = llvm::MemoryBuffer::getFile(file);
  if (!buffer)
    return std::nullopt;
  return (*buffer)->getBuffer().str();
}

std::optional<StringRef> DiagnosticPrinter::getLine(StringRef file,
                                                    unsigned line) {
  auto [it, isNew] = files.try_emplace(file);
  if (isNew)
    it->second = readAgain(file);
  if (!it->second)
    return std::nullopt;
  StringRef rest = *it->second;
  for (; line > 1; --line)
    rest = rest.split('\n').second;
  return rest.split('\n').first.rtrim('\r');
}

/// The number of characters that a caret at the start of `text` underlines: a
/// string, a word, or one character.
static size_t tokenLength(StringRef text) {
  if (text.empty())
    return 1;
  if (text.front() == '"' || text.front() == '\'') {
    size_t end = text.find(text.front(), 1);
    return end == StringRef::npos ? 1 : end + 1;
  }
  bool isNumber =
      llvm::isDigit(text.front()) || text.front() == '-' || text.front() == '+';
  auto isPart = [&](char c) {
    return llvm::isAlnum(c) || c == '_' || c == '-' ||
           (isNumber && (c == '.' || c == '+'));
  };
  size_t length = text.take_while(isPart).size();
  return std::max<size_t>(length, 1);
}

void DiagnosticPrinter::printSource(const Message &message, StringRef line) {
  // Columns count characters, not bytes.
  size_t offset = 0;
  std::string padding;
  for (unsigned column = 1; column < message.column && offset < line.size();
       ++column) {
    padding += line[offset] == '\t' ? '\t' : ' ';
    do
      ++offset;
    while (offset < line.size() && (line[offset] & 0xC0) == 0x80);
  }
  std::string number =
      message.line == 0 ? std::string() : std::to_string(message.line);
  os << "  " << number << " | " << line << "\n"
     << "  " << std::string(number.size(), ' ') << " | " << padding << "^"
     << std::string(tokenLength(line.drop_front(offset)) - 1, '~') << "\n";
}

void DiagnosticPrinter::print(const Message &message) {
  StringRef file = message.file;
  StringRef override = file;
  if (override.consume_front(overridePrefix)) {
    os << overridePrefix << override.split('=').first.rtrim() << ": "
       << name(message.severity) << ": " << message.text << "\n";
    Message place = message;
    place.line = 0;
    printSource(place, override);
  } else if (file.empty()) {
    os << "dale: " << name(message.severity) << ": " << message.text << "\n";
  } else if (message.line == 0) {
    os << file << ": " << name(message.severity) << ": " << message.text
       << "\n";
  } else {
    os << file << ":" << message.line << ":" << message.column << ": "
       << name(message.severity) << ": " << message.text << "\n";
    if (std::optional<StringRef> line = getLine(file, message.line))
      printSource(message, *line);
  }
  for (const Message &note : message.notes)
    print(note);
}
