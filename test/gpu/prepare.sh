#!/usr/bin/env bash
# Makes a folder that test/gpu/check.sh needs nothing else than, to be carried to a
# machine with a GPU: executables, golden values, the checks and the peers.
#
#   test/gpu/prepare.sh [--gpu WHAT] [FOLDER]
#
# WHAT is that of `dale compile`: by default sm_80,sm_90 where ptxas is installed, else
# PTX. With --gpu emulated the checks run anywhere (check.sh --device emulated).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

gpu=auto
if command -v ptxas nvlink > /dev/null || [[ -x /usr/local/cuda/bin/ptxas ]]; then
  gpu=sm_80,sm_90
fi
if [[ ${1-} == --gpu ]]; then
  gpu=${2:?--gpu: expected what dale compile takes}
  shift 2
fi
folder=${1-build/gpu-check}
dale=build/bin/dale
[[ -x $dale ]] || {
  echo "prepare: error: no $dale: run scripts/build.sh first" >&2
  exit 1
}

mkdir -p "$folder"/circuits/{golden,examples} "$folder"/golden "$folder"/peers
compile() { # FILE OUTPUT
  echo "prepare: $1"
  "$dale" compile "$1" -o "$2" --gpu "$gpu"
  strip --strip-unneeded "$2"
}
# With golden values, and some that have what those lack.
for name in Standard StandardEI Standard_InhPN Vocabulary Standard_Rect \
            Standard_RegularConv PNCCellDrpt_AddOGDrpt SumT_InMul_OutMul; do
  compile test/golden/$name.toml "$folder/circuits/golden/$name"
  cp test/golden/$name.*.safetensors "$folder/golden/" 2> /dev/null || true
done
if [[ $gpu != emulated ]]; then
  for name in standard standardei; do
    compile examples/$name.toml "$folder/circuits/examples/$name"
  done
fi

# Executables look for it beside them.
openmp=$(ldd "$folder/circuits/golden/Standard" | awk '/libomp/ { print $3 }')
for place in golden examples; do
  cp "$openmp" "$folder/circuits/$place/"
done
cp test/gpu/check.sh test/gpu/*.py "$folder/"
cp test/benchmark/peers/*.py "$folder/peers/"
echo "prepare: $(du -sh "$folder" | cut -f1) in $folder; on the machine with the GPU:"
echo "  $folder/check.sh $folder"
