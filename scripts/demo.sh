#!/usr/bin/env bash
# From nothing to a trained circuit: sets up, builds dale, compiles a small
# version of the paper's standard network, trains it on Fashion-MNIST, measures
# its neurons, and draws what they became.
#
#   scripts/demo.sh [OPTION OF TRAIN...]     e.g. scripts/demo.sh --epochs 5
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

run() {
  printf '\n$ %s\n' "$*"
  "$@"
}

scripts/setup.sh
scripts/build.sh dale dale_runtime

mkdir -p runs
run build/bin/dale compile examples/standard-fashion.toml -o runs/standard-fashion
run runs/standard-fashion train --data /usr/share/datasets/fashion-mnist \
  --out runs/demo --force --analyze-at 0,1,2,3,4 --save-responses gratings "$@"
run build/bin/dale report runs/demo -o runs/demo/report.html
