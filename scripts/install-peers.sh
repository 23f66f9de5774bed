#!/usr/bin/env bash
# Installs what test/benchmark/run.py compares dale with: Debian's PyTorch; with
# --current also the latest PyTorch and JAX from PyPI, in a virtual environment
# under build/peers (some GiB: PyPI's PyTorch comes with its CUDA libraries).
#
#   scripts/install-peers.sh [--current]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(python3-torch)
if [[ ${1:-} == --current ]]; then
  packages+=(python3-venv)
elif (($# > 0)); then
  echo "install-peers: error: unknown option '$1': expected --current or none" >&2
  exit 2
fi
scripts/setup.sh "${packages[@]}"
if [[ ${1:-} == --current ]]; then
  /usr/bin/python3 -m venv build/peers
  build/peers/bin/python3 -m pip install --quiet --upgrade torch jax numpy
  echo "install-peers: PyTorch and JAX are in build/peers"
fi
