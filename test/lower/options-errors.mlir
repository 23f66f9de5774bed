// Options that no pass could work with are refused.
// RUN: not dale-opt %s --dale-tile-and-vectorize=vector-bits=0 2>&1 | FileCheck %s --check-prefix=TILE
// TILE: error: vector-bits must be 64 at least, num-registers 1
// RUN: not dale-opt %s --dale-pack-products=lanes=0 2>&1 | FileCheck %s --check-prefix=PACK
// PACK: error: lanes must be positive
// RUN: not dale-opt %s --dale-pad-factors=line-bytes=0 2>&1 | FileCheck %s --check-prefix=PAD
// PAD: error: line-bytes must be 8 at least
// RUN: not dale-opt %s --dale-prefetch-maps=terms-between=0 2>&1 | FileCheck %s --check-prefix=FETCH
// FETCH: error: line-bytes must be 8 at least, terms-between 1
// RUN: not dale-opt %s --dale-share-out=parts=0 2>&1 | FileCheck %s --check-prefix=SHARE
// SHARE: error: parts must be positive
// RUN: not dale-opt %s --pass-pipeline="builtin.module(func.func(dale-lower-bf16{instructions lanes=0}))" 2>&1 \
// RUN:   | FileCheck %s --check-prefix=BF16
// BF16: error: lanes must be positive
// RUN: not dale-opt %s --dale-map-to-gpu=threads=48 2>&1 | FileCheck %s --check-prefix=THREADS
// THREADS: error: threads must be a multiple of 32 from 32 to 1024
// RUN: not dale-opt %s --dale-plan-block-memory=shared-bytes=-5 2>&1 | FileCheck %s --check-prefix=SHARED
// SHARED: error: shared-bytes must be sizes in ascending order
func.func @product(%a: tensor<8x8xf32>, %b: tensor<8x8xf32>, %c: tensor<8x8xf32>) -> tensor<8x8xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<8x8xf32>, tensor<8x8xf32>)
      outs(%c : tensor<8x8xf32>) -> tensor<8x8xf32>
  return %0 : tensor<8x8xf32>
}
