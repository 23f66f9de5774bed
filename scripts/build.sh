#!/usr/bin/env bash
# Builds dale into build/: everything, or the targets that are named.
#
#   scripts/build.sh [TARGET...]
#
# CMAKE_BUILD_PARALLEL_LEVEL limits how many files are compiled at once.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release --log-level=NOTICE
jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
cmake --build build --parallel "$jobs" ${1:+--target "$@"}
