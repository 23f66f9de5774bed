//===- Program.cpp - Reads PTX --------------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As much of PTX (NVIDIA's "Parallel Thread Execution ISA") as LLVM writes for
// dale's kernels: whatever else comes is an error.
//
//===----------------------------------------------------------------------===//

#include "Program.h"
#include "Operations.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fmt/format.h>
#include <map>
#include <optional>

using namespace dale::test::ptx;

namespace {

constexpr std::string_view spaces = " \t\r\n";
constexpr size_t alignment = 64;

std::string_view trim(std::string_view text) {
  size_t begin = text.find_first_not_of(spaces);
  if (begin == text.npos)
    return {};
  return text.substr(begin, text.find_last_not_of(spaces) + 1 - begin);
}

bool consume(std::string_view &text, std::string_view prefix) {
  if (!text.starts_with(prefix))
    return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// The word that a text begins with, which is taken off it.
std::string_view takeWord(std::string_view &text) {
  text = trim(text);
  size_t end = std::min(text.find_first_of(spaces), text.size());
  std::string_view word = text.substr(0, end);
  text = trim(text.substr(end));
  return word;
}

/// ".b64" has 8 bytes, ".pred" none.
std::optional<int> bytesOfType(std::string_view type) {
  if (type == "pred")
    return predicate;
  if (type.size() < 2 || !std::strchr("bsuf", type.front()))
    return std::nullopt;
  int bits = 0;
  std::from_chars(type.data() + 1, type.data() + type.size(), bits);
  if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
    return std::nullopt;
  return bits / 8;
}

/// Bytes of a register: a predicate's is one mask.
size_t registerBytes(int bytes) {
  return bytes == predicate ? sizeof(Mask)
                            : static_cast<size_t>(bytes) * warpSize;
}

class Reader {
public:
  Reader(Program &program, std::string_view source) : program(program) {
    // Comments go; the ends of their lines stay.
    text.reserve(source.size());
    while (!source.empty()) {
      size_t comment = std::min(source.find("//"), source.size());
      text += source.substr(0, comment);
      source.remove_prefix(comment);
      source.remove_prefix(std::min(source.find('\n'), source.size()));
    }
  }

  void read();

private:
  /// A register or a parameter, where it lies and of how many bytes it is.
  struct Variable {
    Place place;
    int bytes;
  };
  struct Registers {
    size_t begin;
    int count, bytes;
  };

  [[noreturn]] void fail(std::string_view what) const {
    throw PtxError(fmt::format("line {}: {}: '{}'", line, what, statement));
  }
  bool skipSpaces();
  void next(std::string_view closers);
  void readFunction();
  void readSignature();
  void readBody();
  void readStatement();
  void declare();
  Place allocate(size_t bytes);

  void readInstruction();
  void addPlain(std::string_view name);
  void addMove(std::string_view name);
  void addMemory(std::string_view name);
  void addParameterAccess(std::string_view name);
  void addCall();
  void add(const Operation &operation, std::string_view name);
  std::vector<std::string_view> takeOperands();

  Variable findVariable(std::string_view name) const;
  Place readOperand(std::string_view operand, int bytes);
  Place addConstant(uint64_t bits, int bytes);
  void readAddress(std::string_view address);
  std::string_view nameOf(std::string_view name);

  Program &program;
  std::string text;
  size_t position = 0;
  /// How far lines are counted.
  size_t counted = 0;
  /// The statement that is read, and the line that it begins in.
  std::string_view statement;
  int line = 1;

  // Of the function that is read.
  Function *function = nullptr;
  std::map<std::string, Registers, std::less<>> registers;
  std::map<std::string, Variable, std::less<>> slots;
  std::map<std::string, int32_t, std::less<>> labels;
  std::vector<std::pair<size_t, std::string>> branches;
  Instruction instruction;
  std::string_view rest; // of the statement, behind the name

  // Of the module.
  std::map<std::string, int32_t, std::less<>> functionNumbers;
  struct Call {
    Function *function;
    size_t place;
    std::string callee;
    int line;
  };
  std::vector<Call> calls;
  std::map<std::pair<uint64_t, int>, Place> constants;
  std::map<std::string, const char *, std::less<>> names;
};

} // namespace

/// Goes to where something stands. False if that is nowhere.
bool Reader::skipSpaces() {
  position = std::min(text.find_first_not_of(spaces, position), text.size());
  return position < text.size();
}

/// Takes the text up to one of some characters.
void Reader::next(std::string_view closers) {
  std::string_view all = text;
  std::string_view before = all.substr(counted, position - counted);
  line += static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  counted = position;
  position = std::min(all.find_first_of(closers, position), all.size());
  statement = trim(all.substr(counted, position - counted));
}

void Reader::read() {
  while (skipSpaces()) {
    std::string_view here = std::string_view(text).substr(position);
    if (here.starts_with(".version") || here.starts_with(".target") ||
        here.starts_with(".address_size")) {
      next("\n");
    } else if (here.starts_with(".extern .shared")) {
      next(";");
      ++position;
    } else {
      readFunction();
    }
  }
  for (const Call &call : calls) {
    auto callee = functionNumbers.find(call.callee);
    if (callee == functionNumbers.end())
      throw PtxError(fmt::format("line {}: a call of '{}', which is not here",
                                 call.line, call.callee));
    Instruction &instruction = call.function->code[call.place];
    instruction.target = callee->second;
    if (program.functions[static_cast<size_t>(callee->second)]
            .parameters.size() != instruction.arguments.size())
      throw PtxError(fmt::format("line {}: '{}' has other parameters",
                                 call.line, call.callee));
  }
}

Place Reader::allocate(size_t bytes) {
  auto place = static_cast<Place>(function->frameBytes);
  function->frameBytes += (bytes + alignment - 1) / alignment * alignment;
  return place;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

void Reader::readFunction() {
  next("{;");
  std::string_view signature = statement;
  if (position >= text.size())
    fail("a function was expected");
  bool declaration = text[position++] == ';';
  bool entry = signature.find(".entry") != signature.npos;
  if (!entry && signature.find(".func") == signature.npos)
    fail("a function was expected");
  if (declaration)
    return;
  program.functions.emplace_back();
  function = &program.functions.back();
  function->entry = entry;
  registers.clear();
  slots.clear();
  labels.clear();
  branches.clear();
  readSignature();
  functionNumbers.emplace(function->name,
                          static_cast<int32_t>(program.functions.size()) - 1);
  slots.emplace("_", Variable{allocate(8 * warpSize), 8});
  readBody();
  for (const auto &[place, label] : branches) {
    auto target = labels.find(label);
    if (target == labels.end())
      fail(fmt::format("'{}' branches to {}, which is not there",
                       function->name, label));
    function->code[place].target = target->second;
  }
}

/// .visible .entry NAME ( .param .u64 .ptr .align 1 NAME, ... ) .maxntid N
void Reader::readSignature() {
  std::string_view signature = statement;
  size_t open = signature.find('('), close = signature.rfind(')');
  if (open == signature.npos || close == signature.npos ||
      signature.find('(', open + 1) != signature.npos)
    fail("one list of parameters was expected");
  std::string_view head = trim(signature.substr(0, open));
  function->name = head.substr(head.find_last_of(spaces) + 1);
  std::string_view list = signature.substr(open + 1, close - open - 1);
  while (!trim(list).empty()) {
    size_t comma = std::min(list.find(','), list.size());
    std::string_view parameter = trim(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (takeWord(parameter) != ".param")
      fail("a parameter was expected");
    std::optional<int> bytes = bytesOfType(takeWord(parameter).substr(1));
    std::string_view name =
        parameter.substr(parameter.find_last_of(spaces) + 1);
    if (!bytes || name.find('[') != name.npos)
      fail("a parameter of another type");
    Place place = allocate(8 * warpSize);
    function->parameters.push_back({std::string(name), *bytes, place});
    slots.emplace(name, Variable{place, *bytes});
  }
}

void Reader::readBody() {
  for (int depth = 1; depth > 0;) {
    if (!skipSpaces())
      fail("the end of a function was expected");
    char first = text[position];
    if (first == '{' || first == '}') {
      depth += first == '{' ? 1 : -1;
      ++position;
    } else {
      readStatement();
    }
  }
}

void Reader::readStatement() {
  if (text[position] == '$') {
    next(":");
    ++position;
    labels.emplace(statement, static_cast<int32_t>(function->code.size()));
    return;
  }
  next(";");
  if (position >= text.size())
    fail("';' was expected");
  ++position;
  if (statement.starts_with("."))
    declare();
  else
    readInstruction();
}

/// .reg .b32 %r<7>   .param .b64 param0   .pragma "nounroll"
void Reader::declare() {
  std::string_view text = statement;
  std::string_view what = takeWord(text);
  if (what == ".pragma")
    return;
  std::optional<int> bytes = bytesOfType(takeWord(text).substr(1));
  if (!bytes)
    fail("another type");
  if (what == ".param") {
    // Each call declares its own, of the same names.
    auto [slot, isNew] = slots.try_emplace(std::string(text));
    if (isNew)
      slot->second.place = allocate(8 * warpSize);
    slot->second.bytes = *bytes;
    return;
  }
  size_t less = text.find('<');
  if (what != ".reg" || less == text.npos)
    fail("another declaration");
  int count = 0;
  std::from_chars(text.data() + less + 1, text.data() + text.size(), count);
  registers[std::string(text.substr(0, less))] = {
      static_cast<size_t>(
          allocate(registerBytes(*bytes) * static_cast<size_t>(count))),
      count, *bytes};
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

Reader::Variable Reader::findVariable(std::string_view name) const {
  if (auto slot = slots.find(name); slot != slots.end())
    return slot->second;
  size_t digits = name.find_last_not_of("0123456789") + 1;
  auto found = registers.find(name.substr(0, digits));
  int number = -1;
  std::from_chars(name.data() + digits, name.data() + name.size(), number);
  if (found == registers.end() || number < 0 || number >= found->second.count)
    fail(fmt::format("'{}' is not declared", name));
  const Registers &all = found->second;
  return {static_cast<Place>(all.begin + registerBytes(all.bytes) *
                                             static_cast<size_t>(number)),
          all.bytes};
}

Place Reader::addConstant(uint64_t bits, int bytes) {
  auto [known, isNew] = constants.try_emplace({bits, bytes}, 0);
  if (isNew) {
    known->second = ~static_cast<Place>(program.pool.size());
    size_t size = registerBytes(bytes);
    std::vector<std::byte> values((size + alignment - 1) / alignment *
                                  alignment);
    size_t each =
        bytes == predicate ? sizeof(Mask) : static_cast<size_t>(bytes);
    for (size_t at = 0; at < size; at += each)
      std::memcpy(values.data() + at, &bits, each);
    program.pool.insert(program.pool.end(), values.begin(), values.end());
  }
  return known->second;
}

/// A register, or a constant: 12, -1, 0x0F, 0f3F800000, 0d….
Place Reader::readOperand(std::string_view operand, int bytes) {
  if (operand.starts_with("%") || operand == "_") {
    Variable variable = findVariable(operand);
    if (operand != "_" && variable.bytes != bytes)
      fail(fmt::format("'{}' has another type", operand));
    return variable.place;
  }
  // Shared memory begins at 0.
  if (operand == "__dynamic_shmem__0")
    return addConstant(0, bytes);
  std::string_view digits = operand;
  int base = 10, width = bytes;
  if (consume(digits, "0f"))
    base = 16, width = 4;
  else if (consume(digits, "0d"))
    base = 16, width = 8;
  else if (consume(digits, "0x"))
    base = 16;
  bool negative = consume(digits, "-");
  uint64_t bits = 0;
  auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), bits, base);
  if (error != std::errc() || end != digits.data() + digits.size() ||
      width != bytes)
    fail(fmt::format("'{}' is no constant", operand));
  if (negative)
    bits = ~bits + 1;
  if (bytes == predicate)
    bits = bits != 0 ? allLanes : 0;
  else if (bytes < 8)
    bits &= (uint64_t(1) << (8 * bytes)) - 1;
  return addConstant(bits, bytes);
}

/// [%rd1+16]   [__dynamic_shmem__0+-4]
void Reader::readAddress(std::string_view address) {
  if (!address.starts_with("[") || !address.ends_with("]"))
    fail("an address was expected");
  address = address.substr(1, address.size() - 2);
  size_t plus = std::min(address.find('+'), address.size());
  if (plus < address.size()) {
    std::string_view digits = address.substr(plus + 1);
    auto [end, error] = std::from_chars(
        digits.data(), digits.data() + digits.size(), instruction.displacement);
    if (error != std::errc() || end != digits.data() + digits.size())
      fail("a displacement was expected");
  }
  instruction.address = readOperand(address.substr(0, plus), 8);
}

/// The operands of a statement; those of a vector stand for themselves.
std::vector<std::string_view> Reader::takeOperands() {
  std::vector<std::string_view> operands;
  constexpr std::string_view between = " \t\r\n,{}";
  while (true) {
    size_t begin = rest.find_first_not_of(between);
    if (begin == rest.npos)
      return operands;
    size_t end = std::min(rest.find_first_of(between, begin), rest.size());
    operands.push_back(rest.substr(begin, end - begin));
    rest.remove_prefix(end);
  }
}

//===----------------------------------------------------------------------===//
// Instructions
//===----------------------------------------------------------------------===//

std::string_view Reader::nameOf(std::string_view name) {
  auto found = names.find(name);
  if (found == names.end()) {
    program.names.emplace_back(name);
    found =
        names.emplace(std::string(name), program.names.back().c_str()).first;
  }
  instruction.name = found->second;
  return name;
}

void Reader::readInstruction() {
  instruction = Instruction();
  instruction.line = line;
  rest = statement;
  if (consume(rest, "@")) {
    instruction.negated = consume(rest, "!");
    instruction.guard = findVariable(takeWord(rest)).place;
  }
  std::string_view name = nameOf(takeWord(rest));
  if (name == "bra" || name == "bra.uni") {
    branches.emplace_back(function->code.size(), rest);
    instruction.flow = Flow::branch;
    function->code.push_back(instruction);
  } else if (name == "ret") {
    instruction.flow = Flow::leave;
    function->code.push_back(instruction);
  } else if (name == "call.uni") {
    addCall();
  } else if (name.starts_with("ld.param.") || name.starts_with("st.param.")) {
    addParameterAccess(name);
  } else if (name.starts_with("mov.")) {
    addMove(name);
  } else if (name.starts_with("ld.") || name.starts_with("st.")) {
    addMemory(name);
  } else {
    addPlain(name);
  }
}

void Reader::add(const Operation &operation, std::string_view name) {
  std::vector<std::string_view> operands = takeOperands();
  if (operands.size() != operation.operands.size() ||
      operands.size() > instruction.operands.size())
    fail(fmt::format("{} has other operands", name));
  for (size_t i = 0; i < operands.size(); ++i)
    if (operands[i].starts_with("["))
      readAddress(operands[i]);
    else
      instruction.operands[i] = readOperand(operands[i], operation.operands[i]);
  instruction.execute = operation.execute;
  instruction.flow = operation.flow;
  function->code.push_back(instruction);
}

void Reader::addPlain(std::string_view name) {
  const Operation *operation = findOperation(name);
  if (!operation)
    fail("this instruction is not known");
  add(*operation, name);
}

/// Moves have the same name, whether they pack, unpack or do neither.
void Reader::addMove(std::string_view name) {
  if (size_t special = rest.find(", %"); special != rest.npos) {
    std::string_view source = trim(rest.substr(special + 2));
    if (Execute execute = findSpecialRegister(source)) {
      instruction.operands[0] = readOperand(rest.substr(0, special), 4);
      instruction.execute = execute;
      function->code.push_back(instruction);
      return;
    }
  }
  std::string kind(name);
  if (rest.starts_with("{"))
    kind += ".unpack";
  else if (rest.ends_with("}"))
    kind += ".pack";
  addPlain(kind);
}

/// ld.shared.v4.b32 {%r1, %r2, %r3, %r4}, [%rd1+16]
void Reader::addMemory(std::string_view name) {
  bool isLoad = name.starts_with("ld");
  std::string_view parts = name.substr(3), space;
  // Another thread may be about to write what is asked for.
  if (consume(parts, "acquire.gpu."))
    instruction.flow = Flow::yield;
  for (std::string_view known : {"shared", "global"})
    if (consume(parts, std::string(known) + "."))
      space = known;
  instruction.count = consume(parts, "v4.") ? 4 : consume(parts, "v2.") ? 2 : 1;
  std::optional<int> bytes = bytesOfType(parts);
  if (!bytes)
    fail("another access to memory");
  instruction.execute =
      isLoad ? findLoad(space, *bytes) : findStore(space, *bytes);
  std::vector<std::string_view> operands = takeOperands();
  if (!instruction.execute || operands.size() != instruction.count + 1U)
    fail("another access to memory");
  readAddress(isLoad ? operands.back() : operands.front());
  for (unsigned i = 0; i < instruction.count; ++i) {
    std::string_view value = operands[isLoad ? i : i + 1];
    bool isRegister = value.starts_with("%");
    int width = isRegister ? findVariable(value).bytes : *bytes;
    if (width < *bytes)
      fail(fmt::format("'{}' is too narrow", value));
    instruction.widths[i] = static_cast<uint8_t>(width);
    instruction.operands[i] = readOperand(value, width);
  }
  function->code.push_back(instruction);
}

/// ld.param.b64 %rd1, [kernel_param_0]   st.param.b32 [param1], %r1
void Reader::addParameterAccess(std::string_view name) {
  std::vector<std::string_view> operands = takeOperands();
  bool isLoad = name.starts_with("ld");
  if (operands.size() != 2)
    fail("two operands were expected");
  std::string_view slotName = operands[isLoad ? 1 : 0],
                   value = operands[isLoad ? 0 : 1];
  if (!slotName.starts_with("[") || !slotName.ends_with("]"))
    fail("a parameter was expected");
  auto slot = slots.find(slotName.substr(1, slotName.size() - 2));
  std::string_view type = name.substr(name.rfind('.') + 1);
  std::optional<int> bytes = bytesOfType(type);
  if (slot == slots.end() || !bytes || *bytes != slot->second.bytes)
    fail("another parameter");
  int width = value.starts_with("%") ? findVariable(value).bytes : *bytes;
  const Operation *operation = findOperation(
      fmt::format("{}.{}.{}", name.substr(0, 8), type, 8 * width));
  if (!operation)
    fail("another type of a parameter");
  instruction.execute = operation->execute;
  instruction.operands = {readOperand(value, width), slot->second.place};
  if (!isLoad)
    std::swap(instruction.operands[0], instruction.operands[1]);
  function->code.push_back(instruction);
}

/// call.uni NAME, (param0, param1)
void Reader::addCall() {
  size_t comma = rest.find(',');
  if (rest.starts_with("(") || comma == rest.npos)
    fail("a call of a function that returns nothing was expected");
  std::string_view callee = trim(rest.substr(0, comma));
  rest.remove_prefix(comma + 1);
  rest = trim(rest);
  if (!rest.starts_with("(") || !rest.ends_with(")"))
    fail("a list of arguments was expected");
  rest = rest.substr(1, rest.size() - 2);
  for (std::string_view argument : takeOperands())
    instruction.arguments.push_back(findVariable(argument).place);
  instruction.flow = Flow::call;
  calls.push_back({function, function->code.size(), std::string(callee), line});
  function->code.push_back(instruction);
}

Program::Program(std::string_view text) { Reader(*this, text).read(); }

const Function *Program::findEntry(std::string_view name) const {
  auto found = std::find_if(functions.begin(), functions.end(),
                            [&](const Function &function) {
                              return function.entry && function.name == name;
                            });
  return found == functions.end() ? nullptr : &*found;
}
