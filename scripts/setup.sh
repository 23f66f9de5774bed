#!/usr/bin/env bash
# Installs what dale needs and this machine lacks: Debian packages only, from
# the sources that apt is set up with. Does nothing, and does not ask for root,
# where everything is there.
#
#   scripts/setup.sh [PACKAGE...]     those too
set -euo pipefail

packages=(
  # The compiler. LLVM and MLIR 22 come from bookworm-security.
  g++ cmake ninja-build ccache
  llvm-22-dev llvm-22-tools libmlir-22-dev mlir-22-tools lld-22
  libtomlplusplus-dev libcli11-dev libmimalloc-dev
  # What it links into executables.
  libomp-22-dev nlohmann-json3-dev libfmt-dev zlib1g-dev
  libjpeg62-turbo-dev libpng-dev libstb-dev
  # Tests and measurements; lit comes with llvm-22-tools and needs Python.
  libgtest-dev libbenchmark-dev python3 python3-jsonschema
  # Pictures of circuits: dale show --format=svg.
  graphviz
  # Figures of dale report.
  gnuplot-nox
  # Images to train on.
  dataset-fashion-mnist
  "$@"
)

fail() {
  printf 'setup: error: %s\n' "$1" >&2
  exit 1
}

for command in apt-get dpkg-query; do
  command -v "$command" > /dev/null ||
    fail "no $command: this script is for Debian 12 (bookworm). Elsewhere, install \
LLVM and MLIR 22 and the libraries that CONTRIBUTING.md lists, then run scripts/build.sh"
done

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2> /dev/null || true)
  [[ $status == installed* ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo "setup: all ${#packages[@]} packages are installed"
  exit 0
fi

root=()
if ((EUID != 0)); then
  command -v sudo > /dev/null ||
    fail "not root, and no sudo: as root, run apt-get install ${missing[*]}"
  root=(sudo)
fi

echo "setup: installing ${missing[*]}"
apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y)
"${apt[@]}" update < /dev/null
for package in "${missing[@]}"; do
  apt-cache show "$package" > /dev/null 2>&1 ||
    fail "apt knows no package '$package': dale needs Debian 12 (bookworm) with \
bookworm-security among its sources (/etc/apt/sources.list*)"
done
"${apt[@]}" install --no-install-recommends "${missing[@]}" < /dev/null
echo "setup: done"
