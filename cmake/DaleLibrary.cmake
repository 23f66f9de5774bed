# Libraries and tools that use MLIR: the packaged shared libraries, LLVM's
# conventions (no exceptions; RTTI as LLVM was built), and no warnings.

set(DALE_MLIR_FLAGS -Wall -Wextra -fno-exceptions -fvisibility-inlines-hidden)
if(NOT LLVM_ENABLE_RTTI)
  list(APPEND DALE_MLIR_FLAGS -fno-rtti)
endif()

function(dale_use_mlir target)
  # LLVM's headers and what TableGen generates are not ours to keep free of
  # warnings.
  target_include_directories(${target} SYSTEM PUBLIC
    ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS} ${PROJECT_BINARY_DIR})
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${target} PRIVATE ${DALE_MLIR_FLAGS})
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
