#!/usr/bin/env bash
# Makes a folder that test/gpu/check.sh needs nothing else than, to be carried to a
# machine with a GPU: executables, golden values, the checks and the peers.
#
#   test/gpu/prepare.sh [--gpu WHAT] [FOLDER]
#
# FOLDER (build/gpu-check) is made anew. Executables run on CPUs from Haswell on; with
# DALE_TARGET_CPU=native and the like on others. DALE is the compiler, build/bin/dale.
# WHAT is that of `dale compile`: by default sm_80,sm_90 where ptxas is installed, else
# PTX. With --gpu emulated the checks run anywhere (check.sh --device emulated).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

gpu=auto
if [[ -n $(PATH=$PATH:/usr/local/cuda/bin type -P ptxas) ]]; then
  gpu=sm_80,sm_90
fi
if [[ ${1-} == --gpu ]]; then
  gpu=${2:?--gpu: expected what dale compile takes}
  shift 2
fi
folder=${1-build/gpu-check}
dale=${DALE:-build/bin/dale}
cpu=${DALE_TARGET_CPU:-haswell}
[[ -x $dale ]] || {
  echo "prepare: error: no $dale: run scripts/build.sh first" >&2
  exit 1
}

[[ ! -e $folder || -e $folder/prepared.txt || -z $(ls -A "$folder") ]] || {
  echo "prepare: error: $folder holds other files: expected a folder of its own" >&2
  exit 1
}
rm -rf "$folder"
mkdir -p "$folder"/circuits/{golden,examples} "$folder"/golden "$folder"/peers
echo "$(git describe --always --dirty), GPU $gpu, CPU $cpu" > "$folder/prepared.txt"
compile() { # FILE OUTPUT PRECISION
  echo "prepare: $1, $3"
  "$dale" compile "$1" -o "$2" --gpu "$gpu" --precision "$3" --target-cpu "$cpu" &&
    strip --strip-unneeded "$2"
}
export -f compile
export dale gpu cpu
jobs=()
# With golden values.
for name in Standard StandardEI Standard_InhPN Vocabulary Standard_Rect \
            Standard_RegularConv Standard_SharedNorm PNCCellDrpt_AddOGDrpt \
            SumT_InMul_OutMul NoOG_ECurrBN_SSub_SFG_RecurrI; do
  jobs+=(test/golden/$name.toml "$folder/circuits/golden/$name" f32)
  cp test/golden/$name.*.safetensors "$folder/golden/" 2> /dev/null || true
done
if [[ $gpu != emulated ]]; then
  examples=$folder/circuits/examples
  jobs=(examples/standard.toml "$examples/standard" f32
        examples/standardei.toml "$examples/standardei" f32
        examples/standard.toml "$examples/standard-tf32" tf32
        examples/standard.toml "$examples/standard-bf16" bf16
        "${jobs[@]}")
fi
printf '%s\0' "${jobs[@]}" |
  xargs -0 -n 3 -P "$(nproc)" bash -c 'compile "$@"' compile

# Executables look for it beside them.
openmp=$(ldd "$folder/circuits/golden/Standard" | awk '/libomp/ { print $3 }')
for place in golden examples; do
  cp "$openmp" "$folder/circuits/$place/"
done
cp test/gpu/check.sh test/gpu/*.py "$folder/"
cp test/benchmark/peers/*.py "$folder/peers/"
"$dale" show examples/standard.toml --format=toml -o "$folder/peers/standard.toml"
# They have one runtime, and code that is much alike: a tenth of the size.
tar -C "$folder" -cf - circuits | xz -T0 -6 > "$folder/circuits.tar.xz"
rm -r "$folder/circuits"
if (($(du -sm "$folder" | cut -f1) > 50)); then
  echo "prepare: error: $folder has more than 50 MiB: compile for fewer GPUs" >&2
  exit 1
fi
echo "prepare: $(du -sh "$folder" | cut -f1) in $folder; on the machine with the GPU:"
echo "  $folder/check.sh $folder"
