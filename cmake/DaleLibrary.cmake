# Libraries and tools that use MLIR: the packaged shared libraries, LLVM's
# conventions (no exceptions; RTTI as LLVM was built), and no warnings.

set(DALE_MLIR_FLAGS -Wall -Wextra -fno-exceptions -fvisibility-inlines-hidden)
# The compiler spends its time in MLIR's own libraries and in LLVM's back end:
# optimizing more would only make every build longer.
list(APPEND DALE_MLIR_FLAGS $<$<CONFIG:Release>:-O1>)
if(NOT LLVM_ENABLE_RTTI)
  list(APPEND DALE_MLIR_FLAGS -fno-rtti)
endif()

# Most of a file's compile time is reading MLIR's headers. They are read once,
# for the first library, and all others take them from there.
option(DALE_PRECOMPILE_HEADERS "Precompile MLIR's headers" ON)
set(DALE_MLIR_HEADERS
  <mlir/Dialect/Arith/IR/Arith.h>
  <mlir/Dialect/Bufferization/IR/Bufferization.h>
  <mlir/Dialect/Func/IR/FuncOps.h>
  <mlir/Dialect/Linalg/IR/Linalg.h>
  <mlir/Dialect/Math/IR/Math.h>
  <mlir/Dialect/MemRef/IR/MemRef.h>
  <mlir/Dialect/SCF/IR/SCF.h>
  <mlir/Dialect/Tensor/IR/Tensor.h>
  <mlir/IR/Builders.h>
  <mlir/IR/BuiltinOps.h>
  <mlir/IR/OpImplementation.h>
  <mlir/IR/PatternMatch.h>
  <mlir/Pass/PassManager.h>
  <mlir/Transforms/GreedyPatternRewriteDriver.h>)

function(dale_precompile target)
  if(NOT DALE_PRECOMPILE_HEADERS)
    return()
  endif()
  get_property(owner GLOBAL PROPERTY DALE_PRECOMPILED_FOR)
  if(owner)
    target_precompile_headers(${target} REUSE_FROM ${owner})
  else()
    set_property(GLOBAL PROPERTY DALE_PRECOMPILED_FOR ${target})
    target_precompile_headers(${target} PRIVATE ${DALE_MLIR_HEADERS})
  endif()
endfunction()

function(dale_use_mlir target)
  # LLVM's headers and what TableGen generates are not ours to keep free of
  # warnings.
  target_include_directories(${target} SYSTEM PUBLIC
    ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS} ${PROJECT_BINARY_DIR})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE ${DALE_MLIR_FLAGS})
  dale_precompile(${target})
endfunction()

# dale_library(NAME sources... [LINK libraries...] [DEPENDS targets...])
function(dale_library name)
  cmake_parse_arguments(ARG "" "" "LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  dale_use_mlir(${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} MLIR LLVM)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# dale_tool(NAME sources... [LINK libraries...])
function(dale_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  dale_use_mlir(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} MLIR LLVM)
endfunction()
