#!/usr/bin/env bash
# Sets up, builds, and runs all tests.
#
#   scripts/test.sh [CTEST OPTION...]     e.g. scripts/test.sh -R runtime
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What some tests need beside what dale does: they start a cluster of their own,
# compare numbers with NumPy and SciPy, and look at pages in a browser.
scripts/setup.sh slurm-wlm munge openmpi-bin \
  python3-numpy python3-scipy chromium
scripts/build.sh

status=0
ctest --test-dir build --output-on-failure --parallel "$(nproc)" \
  --timeout 900 "$@" < /dev/null || status=$?

# ctest counts lit's tests as one.
lit=$(sed -n '/^Total Discovered Tests/,/<end of output>/{/</d;p}' \
  build/Testing/Temporary/LastTest.log)
if [[ -n $lit ]]; then
  printf '\nof which lit:\n%s\n\n' "$lit"
fi
if ((status == 0)); then
  echo "test: passed"
else
  echo "test: FAILED; the whole log is build/Testing/Temporary/LastTest.log"
fi
exit "$status"
