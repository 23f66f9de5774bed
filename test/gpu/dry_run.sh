#!/usr/bin/env bash
# The check without a GPU: the circuits that ctest compiles, on the emulated device.
#
#   test/gpu/dry_run.sh CIRCUITS FOLDER
set -euo pipefail
circuits=$1 folder=$2
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rm -rf "$folder"
mkdir -p "$folder"/circuits/golden "$folder"/golden
for name in Standard StandardEI Vocabulary; do
  cp "$circuits/$name-f64" "$folder/circuits/golden/$name"
  cp "$here"/../golden/$name.*.safetensors "$folder/golden/"
done
"$here/check.sh" "$folder" --device emulated --quick --json "$folder/check.json"
