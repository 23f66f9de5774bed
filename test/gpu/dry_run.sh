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

# The tolerances are carried along without dale's sources: a copy, held against them.
python3 - "$here" << 'END'
import re, sys
sys.path.insert(0, sys.argv[1])
from tensors import TOLERANCES

with open(f"{sys.argv[1]}/../golden/TensorFile.h") as file:
    header = file.read()
kinds = re.search(r"struct Tolerances {\s*double (.*?);", header)[1].split(", ")
for name, element in ("singlePrecision", "f32"), ("doublePrecision", "f64"):
    numbers = re.search(rf"\b{name} = {{(.*?)}}", header, re.DOTALL)[1].split(",")
    golden = dict(zip(kinds, map(float, numbers), strict=True))
    if golden != TOLERANCES[element]:
        sys.exit(f"test/gpu/tensors.py: tolerances of {element} are {TOLERANCES[element]}: "
                 f"expected {golden}, those of test/golden/TensorFile.h")
END

"$here/check.sh" "$folder" --device emulated --quick --json "$folder/check.json"
