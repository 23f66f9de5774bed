// Rows of maps that products read begin at different banks of shared memory.
// RUN: dale-opt %s --dale-pad-rows=precision=bf16 --canonicalize | FileCheck %s
// RUN: dale-opt %s --dale-pad-rows=precision=f32 --canonicalize | FileCheck %s --check-prefix=NONE
// RUN: dale-opt %s --dale-pad-rows="precision=bf16 image-blocks=several" --canonicalize | FileCheck %s --check-prefix=NONE

// Without tensor cores, or where several blocks work on an image, there is nothing to pad.
// NONE-NOT: memref.subview

#m_k = affine_map<(m, n, k) -> (m, k)>
#k_n = affine_map<(m, n, k) -> (k, n)>
#m_n = affine_map<(m, n, k) -> (m, n)>

// A row of 64 numbers in bf16 is 128 bytes, and one of 80 is 160. Views follow.
// CHECK-LABEL: func.func @factor(
// CHECK:       %[[MAP:.*]] = memref.alloc() : memref<1x4x4x80xbf16>
// CHECK:       %[[PART:.*]] = memref.subview %[[MAP]][0, 0, 0, 0] [1, 4, 4, 64] [1, 1, 1, 1]
// CHECK:       %[[MATRIX:.*]] = memref.collapse_shape %[[PART]]
// CHECK-SAME:    into memref<16x64xbf16, strided<[80, 1]>>
// CHECK:       linalg.generic {{.*}} outs(%[[PART]]
// CHECK:       linalg.generic {{.*}} ins(%[[MATRIX]], %{{.*}} : memref<16x64xbf16, strided<[80, 1]>>, memref<64x8xf32>)
func.func @factor(%w: memref<64x8xf32>, %y: memref<16x8xf32>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %images = arith.constant 4 : index
  scf.parallel (%chunk) = (%zero) to (%one) step (%one) {
    scf.for %image = %zero to %images step %one {
      %map = memref.alloc() : memref<1x4x4x64xbf16>
      %matrix = memref.collapse_shape %map [[0, 1, 2], [3]] : memref<1x4x4x64xbf16> into memref<16x64xbf16>
      %number = arith.constant 0.5 : bf16
      linalg.generic {indexing_maps = [affine_map<(n, h, w, c) -> (n, h, w, c)>], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
          outs(%map : memref<1x4x4x64xbf16>) {
      ^bb0(%out: bf16):
        linalg.yield %number : bf16
      }
      linalg.generic {indexing_maps = [#m_k, #k_n, #m_n], iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%matrix, %w : memref<16x64xbf16>, memref<64x8xf32>) outs(%y : memref<16x8xf32>) {
      ^bb0(%a: bf16, %b: f32, %sum: f32):
        %0 = arith.extf %a : bf16 to f32
        %1 = arith.mulf %0, %b : f32
        %2 = arith.addf %sum, %1 : f32
        linalg.yield %2 : f32
      }
    }
    scf.reduce
  }
  return
}

// Not rows that begin at different banks as they are, those of a map that no product
// reads, or that something sees as one row.
// CHECK-LABEL: func.func @others(
// CHECK-NOT:   memref.subview
// CHECK:       return
func.func @others(%w: memref<16x8xf32>, %v: memref<32x8xf32>, %y: memref<16x8xf32>, %z: memref<512xf32>) {
  %zero = arith.constant 0 : index
  %one = arith.constant 1 : index
  %images = arith.constant 4 : index
  scf.parallel (%chunk) = (%zero) to (%one) step (%one) {
    scf.for %image = %zero to %images step %one {
      %short = memref.alloc() : memref<16x16xf32>
      %alone = memref.alloc() : memref<16x32xf32>
      %line = memref.alloc() : memref<16x32xf32>
      linalg.matmul ins(%short, %w : memref<16x16xf32>, memref<16x8xf32>) outs(%y : memref<16x8xf32>)
      linalg.copy ins(%line : memref<16x32xf32>) outs(%alone : memref<16x32xf32>)
      linalg.matmul ins(%line, %v : memref<16x32xf32>, memref<32x8xf32>) outs(%y : memref<16x8xf32>)
      %flat = memref.collapse_shape %line [[0, 1]] : memref<16x32xf32> into memref<512xf32>
      linalg.copy ins(%z : memref<512xf32>) outs(%flat : memref<512xf32>)
    }
    scf.reduce
  }
  return
}
