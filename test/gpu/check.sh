#!/usr/bin/env bash
# Checks and measures GPU executables, on a machine with a GPU and without dale:
#
#   test/gpu/check.sh FOLDER [--data DIR] [--json FILE] [--device cuda] [--quick]
#
# FOLDER is what test/gpu/prepare.sh made; it holds this script, too.
set -euo pipefail
exec python3 "$(dirname "${BASH_SOURCE[0]}")/check.py" "$@"
