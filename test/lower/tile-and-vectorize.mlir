// Register tiles and vectors. A register holds 16 numbers, there are 32.
// RUN: dale-opt %s --dale-tile-and-vectorize --canonicalize --cse | FileCheck %s
// RUN: dale-opt %s --dale-tile-and-vectorize="vector-bits=256 num-registers=16" --canonicalize --cse \
// RUN:   | FileCheck %s --check-prefix=AVX2
// RUN: dale-opt %s --dale-tile-and-vectorize=num-registers=8 --canonicalize --cse \
// RUN:   | FileCheck %s --check-prefix=FEW
// RUN: dale-opt %s --dale-tile-and-vectorize="num-registers=8 many-maps=3" --canonicalize --cse \
// RUN:   | FileCheck %s --check-prefix=MANY
// RUN: dale-opt %s --dale-tile-and-vectorize="num-registers=8 many-maps=1" --canonicalize --cse \
// RUN:   | FileCheck %s --check-prefix=FACTORS

// A product keeps 8 × 32 accumulators in 16 registers, and carries them through
// the loop over the inner dimension.
// CHECK-LABEL: func.func @product(
// CHECK:      scf.for %[[J:.*]] = %c0 to %c64 step %c32
// CHECK-NEXT:   scf.for %[[I:.*]] = %c0 to %c64 step %c8
// CHECK:          %[[START:.*]] = vector.transfer_read %{{.*}} : tensor<8x32xf32>, vector<8x32xf32>
// CHECK-NEXT:     %[[SUM:.*]] = scf.for %[[K:.*]] = %c0 to %c48 step %c1 iter_args(%[[ACC:.*]] = %[[START]]) -> (vector<8x32xf32>)
// CHECK-NEXT:       %[[A:.*]] = vector.transfer_read %{{.*}}[%[[I]], %[[K]]], {{.*}} vector<8x1xf32>
// CHECK-NEXT:       %[[B:.*]] = vector.transfer_read %{{.*}}[%[[K]], %[[J]]], {{.*}} vector<1x32xf32>
// CHECK-NEXT:       %[[NEXT:.*]] = vector.contract {{.*}} %[[A]], %[[B]], %[[ACC]] :
// CHECK-NEXT:       scf.yield %[[NEXT]]
// CHECK:          vector.transfer_write %[[SUM]],
// CHECK-NOT:  linalg.
// CHECK:      return

// With half as many registers of half the width, 4 × 16 in 8.
// AVX2-LABEL: func.func @product(
// AVX2:       scf.for %{{.*}} = %c0 to %c64 step %c16
// AVX2-NEXT:    scf.for %{{.*}} = %c0 to %c64 step %c4
// AVX2:           iter_args(%{{.*}}) -> (vector<4x16xf32>)
func.func @product(%a: tensor<64x48xf32>, %b: tensor<48x64xf32>, %c: tensor<64x64xf32>)
    -> tensor<64x64xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<64x48xf32>, tensor<48x64xf32>)
      outs(%c : tensor<64x64xf32>) -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}

// Of 10 columns, which are no multiple of a register, one tile holds all.
// CHECK-LABEL: func.func @classes(
// CHECK:      iter_args(%{{.*}}) -> (vector<8x10xf32>)
// CHECK:        vector.contract
func.func @classes(%a: tensor<8x48xf32>, %b: tensor<48x10xf32>, %c: tensor<8x10xf32>)
    -> tensor<8x10xf32> {
  %0 = linalg.matmul ins(%a, %b : tensor<8x48xf32>, tensor<48x10xf32>)
      outs(%c : tensor<8x10xf32>) -> tensor<8x10xf32>
  return %0 : tensor<8x10xf32>
}

#all = affine_map<(n, i, j, c) -> (n, i, j, c)>
#channels = affine_map<(n, i, j, c) -> (c)>

// A depthwise convolution loads its weights before the loops over pixels. The
// loop over tiles of channels is the outermost; none goes over single channels.
// A tile is as wide as registers hold its weights and its result.
// CHECK-LABEL: func.func @depthwise(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<1x8x8x128xf32>, %[[Y:[a-z0-9]+]]: tensor<1x8x8x128xf32>, %[[U:[a-z0-9]+]]: tensor<128xf32>, %[[V:[a-z0-9]+]]: tensor<128xf32>
// CHECK:      scf.for %[[C:.*]] = %c0 to %c128 step %c64
// CHECK:        %[[WU:.*]] = vector.transfer_read %[[U]][%[[C]]], {{.*}} vector<64xf32>
// CHECK:        %[[US:.*]] = vector.broadcast %[[WU]]
// CHECK:        %[[WV:.*]] = vector.transfer_read %[[V]][%[[C]]], {{.*}} vector<64xf32>
// CHECK:        %[[VS:.*]] = vector.broadcast %[[WV]]
// CHECK:        scf.for %[[I:.*]] = %c0 to %c8 step %c1
// CHECK-NEXT:     scf.for %[[J:.*]] = %c0 to %c8 step %c1
// CHECK-NEXT:       %[[XS:.*]] = vector.transfer_read %[[X]][%c0, %[[I]], %[[J]], %[[C]]], {{.*}} vector<1x1x1x64xf32>
// CHECK-NEXT:       %[[YS:.*]] = vector.transfer_read %[[Y]][%c0, %[[I]], %[[J]], %[[C]]], {{.*}} vector<1x1x1x64xf32>
// CHECK-NEXT:       %[[XU:.*]] = arith.mulf %[[XS]], %[[US]] : vector<1x1x1x64xf32>
// CHECK-NEXT:       %[[SUM:.*]] = math.fma %[[YS]], %[[VS]], %[[XU]] : vector<1x1x1x64xf32>
// CHECK-NEXT:       vector.transfer_write %[[SUM]], %{{.*}}[%c0, %[[I]], %[[J]], %[[C]]]
// CHECK-NOT:  scf.for
// CHECK:      return
// FEW-LABEL:  func.func @depthwise(
// FEW:        scf.for %[[C:.*]] = %c0 to %c128 step %c32

// Three maps, if that is many, are worth more than registers for the weights.
// MANY-LABEL: func.func @depthwise(
// MANY:       scf.for %[[C:.*]] = %c0 to %c128 step %c64
func.func @depthwise(%x: tensor<1x8x8x128xf32>, %y: tensor<1x8x8x128xf32>,
                     %u: tensor<128xf32>, %v: tensor<128xf32>, %o: tensor<1x8x8x128xf32>)
    -> tensor<1x8x8x128xf32> {
  %0 = linalg.generic {indexing_maps = [#all, #all, #channels, #channels, #all],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %y, %u, %v : tensor<1x8x8x128xf32>, tensor<1x8x8x128xf32>, tensor<128xf32>, tensor<128xf32>)
      outs(%o : tensor<1x8x8x128xf32>) {
  ^bb0(%a: f32, %b: f32, %p: f32, %q: f32, %out: f32):
    %1 = arith.mulf %a, %p : f32
    %2 = math.fma %b, %q, %1 : f32
    linalg.yield %2 : f32
  } -> tensor<1x8x8x128xf32>
  return %0 : tensor<1x8x8x128xf32>
}

// Not where there are still more weights: registers hold two vectors of each.
// FACTORS-LABEL: func.func @factors(
// FACTORS:       scf.for %[[C:.*]] = %c0 to %c128 step %c32
// FACTORS:         vector.transfer_read
// FACTORS:         vector.transfer_read
// FACTORS:         vector.transfer_read
// FACTORS:         scf.for
func.func @factors(%x: tensor<1x8x8x128xf32>, %u: tensor<128xf32>, %v: tensor<128xf32>,
                   %w: tensor<128xf32>, %o: tensor<1x8x8x128xf32>) -> tensor<1x8x8x128xf32> {
  %0 = linalg.generic {indexing_maps = [#all, #channels, #channels, #channels, #all],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %u, %v, %w : tensor<1x8x8x128xf32>, tensor<128xf32>, tensor<128xf32>, tensor<128xf32>)
      outs(%o : tensor<1x8x8x128xf32>) {
  ^bb0(%a: f32, %p: f32, %q: f32, %r: f32, %out: f32):
    %1 = math.fma %a, %p, %q : f32
    %2 = arith.mulf %1, %r : f32
    linalg.yield %2 : f32
  } -> tensor<1x8x8x128xf32>
  return %0 : tensor<1x8x8x128xf32>
}

// A sum over pixels carries its vector of channels through both loops.
// CHECK-LABEL: func.func @sum(
// CHECK:      %[[START:.*]] = vector.transfer_read {{.*}} vector<32xf32>
// CHECK-NEXT: %[[SUM:.*]] = scf.for {{.*}} iter_args(%[[OUTER:.*]] = %[[START]]) -> (vector<32xf32>)
// CHECK-NEXT:   scf.for {{.*}} iter_args(%[[INNER:.*]] = %[[OUTER]]) -> (vector<32xf32>)
// CHECK:          arith.addf %[[INNER]], %{{.*}} : vector<32xf32>
// CHECK:      vector.transfer_write %[[SUM]]
func.func @sum(%x: tensor<1x8x8x32xf32>, %s: tensor<32xf32>) -> tensor<32xf32> {
  %0 = linalg.generic {indexing_maps = [#all, #channels],
                       iterator_types = ["reduction", "reduction", "reduction", "parallel"]}
      ins(%x : tensor<1x8x8x32xf32>) outs(%s : tensor<32xf32>) {
  ^bb0(%a: f32, %out: f32):
    %1 = arith.addf %out, %a : f32
    linalg.yield %1 : f32
  } -> tensor<32xf32>
  return %0 : tensor<32xf32>
}

// Half as many numbers of double precision fit a register.
// CHECK-LABEL: func.func @double_precision(
// CHECK:      math.exp %{{.*}} : vector<1x1x1x32xf64>
// AVX2-LABEL: func.func @double_precision(
// AVX2:       math.exp %{{.*}} : vector<1x1x1x16xf64>
func.func @double_precision(%x: tensor<1x8x8x64xf64>, %o: tensor<1x8x8x64xf64>)
    -> tensor<1x8x8x64xf64> {
  %0 = linalg.exp ins(%x : tensor<1x8x8x64xf64>) outs(%o : tensor<1x8x8x64xf64>)
      -> tensor<1x8x8x64xf64>
  return %0 : tensor<1x8x8x64xf64>
}

// Copies are vectors on memrefs too.
// CHECK-LABEL: func.func @copy(
// CHECK-NOT:  linalg.copy
// CHECK:      vector.transfer_read %{{.*}}, vector<1x1x2x32xf32>
// CHECK-NEXT: vector.transfer_write
func.func @copy(%x: memref<1x8x8x32xf32>, %o: memref<1x8x8x32xf32>) {
  linalg.copy ins(%x : memref<1x8x8x32xf32>) outs(%o : memref<1x8x8x32xf32>)
  return
}

// What reads at a computed place stays scalar.
// CHECK-LABEL: func.func @gather(
// CHECK:      linalg.generic
// CHECK:        tensor.extract
func.func @gather(%x: tensor<8xf32>, %s: index, %o: tensor<8xf32>) -> tensor<8xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]}
      outs(%o : tensor<8xf32>) {
  ^bb0(%out: f32):
    %i = linalg.index 0 : index
    %k = arith.subi %s, %i : index
    %v = tensor.extract %x[%k] : tensor<8xf32>
    linalg.yield %v : f32
  } -> tensor<8xf32>
  return %0 : tensor<8xf32>
}

// Pairs of bf16: as many accumulators, and a pair of terms at a time.
// CHECK-LABEL: func.func @product_of_pairs(
// CHECK:        scf.for %{{.*}} = %c0 to %c24 step %c1 iter_args(%{{.*}}) -> (vector<8x32xf32>)
// CHECK-NEXT:     vector.transfer_read %{{.*}} : tensor<64x24x2xbf16>, vector<8x1x2xbf16>
// CHECK-NEXT:     vector.transfer_read %{{.*}} : tensor<24x64x2xbf16>, vector<1x32x2xbf16>
// CHECK-NEXT:     vector.contract {{.*}} : vector<8x1x2xbf16>, vector<1x32x2xbf16> into vector<8x32xf32>
#pairs_a = affine_map<(i, j, k, p) -> (i, k, p)>
#pairs_b = affine_map<(i, j, k, p) -> (k, j, p)>
#pairs_c = affine_map<(i, j, k, p) -> (i, j)>
func.func @product_of_pairs(%a: tensor<64x24x2xbf16>, %b: tensor<24x64x2xbf16>, %c: tensor<64x64xf32>)
    -> tensor<64x64xf32> {
  %0 = linalg.generic {indexing_maps = [#pairs_a, #pairs_b, #pairs_c],
                       iterator_types = ["parallel", "parallel", "reduction", "reduction"]}
      ins(%a, %b : tensor<64x24x2xbf16>, tensor<24x64x2xbf16>) outs(%c : tensor<64x64xf32>) {
  ^bb0(%x: bf16, %y: bf16, %o: f32):
    %1 = arith.extf %x : bf16 to f32
    %2 = arith.extf %y : bf16 to f32
    %3 = arith.mulf %1, %2 : f32
    %4 = arith.addf %o, %3 : f32
    linalg.yield %4 : f32
  } -> tensor<64x64xf32>
  return %0 : tensor<64x64xf32>
}

// The same where the results' pixels lie in rows that are apart: row by row.
// CHECK-LABEL: func.func @pairs_by_rows(
// CHECK:      scf.for %[[ROW:.*]] = %c0 to %c4 step %c1
// CHECK:        scf.for {{.*}} -> (vector<8x32xf32>)
// CHECK:          vector.transfer_read %{{.*}}[%c0, %[[ROW]], {{.*}} : tensor<1x4x8x24x2xbf16>, vector<8x1x2xbf16>
// CHECK:          vector.contract {{.*}} : vector<8x1x2xbf16>, vector<1x32x2xbf16> into vector<8x32xf32>
func.func @pairs_by_rows(%a: tensor<1x4x8x24x2xbf16>, %b: tensor<24x32x2xbf16>, %c: tensor<1x4x8x32xf32>)
    -> tensor<1x4x8x32xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(i, h, w, n, k, p) -> (i, h, w, k, p)>, affine_map<(i, h, w, n, k, p) -> (k, n, p)>, affine_map<(i, h, w, n, k, p) -> (i, h, w, n)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
      ins(%a, %b : tensor<1x4x8x24x2xbf16>, tensor<24x32x2xbf16>) outs(%c : tensor<1x4x8x32xf32>) {
  ^bb0(%x: bf16, %y: bf16, %o: f32):
    %1 = arith.extf %x : bf16 to f32
    %2 = arith.extf %y : bf16 to f32
    %3 = arith.mulf %1, %2 : f32
    %4 = arith.addf %o, %3 : f32
    linalg.yield %4 : f32
  } -> tensor<1x4x8x32xf32>
  return %0 : tensor<1x4x8x32xf32>
}

// What is written in another order than it is read: tiles are whole where they
// are written.
// CHECK-LABEL: func.func @interleave(
// CHECK:        vector.transfer_read %{{.*}} : tensor<4x2x64xf32>, vector<1x2x32xf32>
// CHECK:        vector.transpose %{{.*}}, [0, 2, 1] : vector<1x2x32xbf16> to vector<1x32x2xbf16>
// CHECK:        vector.transfer_write %{{.*}} : vector<1x32x2xbf16>, tensor<4x64x2xbf16>
#read = affine_map<(k, p, j) -> (k, p, j)>
#written = affine_map<(k, p, j) -> (k, j, p)>
func.func @interleave(%x: tensor<4x2x64xf32>) -> tensor<4x64x2xbf16> {
  %empty = tensor.empty() : tensor<4x64x2xbf16>
  %0 = linalg.generic {indexing_maps = [#read, #written], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<4x2x64xf32>) outs(%empty : tensor<4x64x2xbf16>) {
  ^bb0(%a: f32, %o: bf16):
    %1 = arith.truncf %a : f32 to bf16
    linalg.yield %1 : bf16
  } -> tensor<4x64x2xbf16>
  return %0 : tensor<4x64x2xbf16>
}

// Pairs that overlap, one for each pixel and the next one: a pixel at a time.
// CHECK-LABEL: func.func @overlap(
// CHECK:        scf.for %[[X:.*]] = %c0 to %c5 step %c1
// CHECK:        vector.transfer_read %{{.*}}[%c0, %{{.*}}, %[[X]], %c0]{{.*}} : tensor<1x4x6x16xbf16>, vector<2x16xbf16>
// CHECK:        vector.transpose %{{.*}}, [1, 0] : vector<2x16xbf16> to vector<16x2xbf16>
// CHECK:        vector.transfer_write %{{.*}} : vector<16x2xbf16>, tensor<1x1x1x16x2xbf16>
func.func @overlap(%x: tensor<1x4x6x16xbf16>) -> tensor<1x4x5x16x2xbf16> {
  %empty = tensor.empty() : tensor<1x4x5x16x2xbf16>
  %0 = linalg.generic {indexing_maps = [affine_map<(n, h, w, p, c) -> (n, h, w + p, c)>, affine_map<(n, h, w, p, c) -> (n, h, w, c, p)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x4x6x16xbf16>) outs(%empty : tensor<1x4x5x16x2xbf16>) {
  ^bb0(%a: bf16, %o: bf16):
    linalg.yield %a : bf16
  } -> tensor<1x4x5x16x2xbf16>
  return %0 : tensor<1x4x5x16x2xbf16>
}

// A product of such pairs: the gradient of a kernel, an entry at a time.
// CHECK-LABEL: func.func @pairs_of_pixels(
// CHECK:        scf.for %{{.*}} = %c0 to %c3 step %c1
// CHECK:        scf.for %[[J:.*]] = %c0 to %c3 step %c1
// CHECK:        scf.for %[[K:.*]] = %c0 to %c2 step %c1 iter_args({{.*}}) -> (vector<8x16xf32>)
// CHECK:          %[[X:.*]] = affine.apply #{{.*}}(%[[K]])[%[[J]]]
// CHECK:          vector.transfer_read %{{.*}}[%c0, %{{.*}}, %[[X]], %c0, %c0]{{.*}} : tensor<1x6x5x8x2xbf16>, vector<1x8x2xbf16>
// CHECK:          vector.contract {{.*}} : vector<1x8x2xbf16>, vector<1x16x2xbf16> into vector<8x16xf32>
func.func @pairs_of_pixels(%x: tensor<1x6x5x8x2xbf16>, %dy: tensor<1x4x2x16x2xbf16>, %c: tensor<3x3x8x16xf32>)
    -> tensor<3x3x8x16xf32> {
  %0 = linalg.generic {indexing_maps = [affine_map<(i, j, c, n, image, h, k, p) -> (image, h + i, 2 * k + j, c, p)>,
                                        affine_map<(i, j, c, n, image, h, k, p) -> (image, h, k, n, p)>,
                                        affine_map<(i, j, c, n, image, h, k, p) -> (i, j, c, n)>],
                       iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction", "reduction"]}
      ins(%x, %dy : tensor<1x6x5x8x2xbf16>, tensor<1x4x2x16x2xbf16>) outs(%c : tensor<3x3x8x16xf32>) {
  ^bb0(%a: bf16, %b: bf16, %o: f32):
    %1 = arith.extf %a : bf16 to f32
    %2 = arith.extf %b : bf16 to f32
    %3 = arith.mulf %1, %2 : f32
    %4 = arith.addf %o, %3 : f32
    linalg.yield %4 : f32
  } -> tensor<3x3x8x16xf32>
  return %0 : tensor<3x3x8x16xf32>
}

// A map and sums over it: the sums stay in registers while the map is written.
// CHECK-LABEL: func.func @map_and_sum(
// CHECK:        scf.for {{.*}} = %c0 to %c64 step %c1 iter_args(%{{.*}}, %[[SO_FAR:.*]] = %{{.*}}) -> (tensor<64x32xf32>, vector<32xf32>)
// CHECK:          %[[SQUARE:.*]] = arith.mulf %{{.*}} : vector<1x32xf32>
// CHECK:          arith.addf %[[SO_FAR]]
// CHECK:          vector.transfer_write %[[SQUARE]]
// CHECK:        vector.transfer_write %{{.*}} : vector<32xf32>, tensor<32xf32>
func.func @map_and_sum(%x: tensor<64x32xf32>, %y: tensor<64x32xf32>, %total: tensor<32xf32>)
    -> (tensor<64x32xf32>, tensor<32xf32>) {
  %0:2 = linalg.generic {indexing_maps = [affine_map<(p, c) -> (p, c)>, affine_map<(p, c) -> (p, c)>, affine_map<(p, c) -> (c)>],
                         iterator_types = ["reduction", "parallel"]}
      ins(%x : tensor<64x32xf32>) outs(%y, %total : tensor<64x32xf32>, tensor<32xf32>) {
  ^bb0(%a: f32, %o: f32, %s: f32):
    %1 = arith.mulf %a, %a : f32
    %2 = arith.addf %s, %1 : f32
    linalg.yield %1, %2 : f32, f32
  } -> (tensor<64x32xf32>, tensor<32xf32>)
  return %0#0, %0#1 : tensor<64x32xf32>, tensor<32xf32>
}

// A sum that starts from a copy reads its start where that is.
// CHECK-LABEL: func.func @from_copy(
// CHECK-SAME:  %{{.*}}, %{{.*}}, %[[START:.*]]: tensor<8x16xf32>, %{{.*}})
// CHECK-NOT:   linalg.copy
// CHECK:       %[[READ:.*]] = vector.transfer_read %[[START]]
// CHECK:       scf.for {{.*}} iter_args(%{{.*}} = %[[READ]])
// CHECK:         vector.contract
func.func @from_copy(%x: tensor<8x4xf32>, %w: tensor<4x16xf32>, %start: tensor<8x16xf32>, %o: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %copy = linalg.copy ins(%start : tensor<8x16xf32>) outs(%o : tensor<8x16xf32>) -> tensor<8x16xf32>
  %y = linalg.matmul ins(%x, %w : tensor<8x4xf32>, tensor<4x16xf32>) outs(%copy : tensor<8x16xf32>) -> tensor<8x16xf32>
  return %y : tensor<8x16xf32>
}

// A convolution is a product for each row of pixels: its sums, over the kernel's
// entries and channels, stay in registers.
// CHECK-LABEL: func.func @convolution(
// CHECK:      scf.for %[[H:.*]] = %c0 to %c8 step %c1
// CHECK:        scf.for %[[I:.*]] = %c0 to %c3 step %c1 iter_args(%{{.*}} = %cst) -> (vector<8x32xf32>)
// CHECK:          %[[ROW:.*]] = affine.apply #{{.*}}()[%[[H]], %[[I]]]
// CHECK:          scf.for %[[J:.*]] = %c0 to %c3 step %c1 iter_args({{.*}}) -> (vector<8x32xf32>)
// CHECK:            scf.for %[[C:.*]] = %c0 to %c4 step %c1 iter_args({{.*}}) -> (vector<8x32xf32>)
// CHECK-NEXT:         vector.transfer_read %{{.*}}[%c0, %[[ROW]], %[[J]], %[[C]]], %{{.*}} : tensor<1x10x10x4xf32>, vector<8x1xf32>
// CHECK-NEXT:         vector.transfer_read %{{.*}}[%[[I]], %[[J]], %[[C]], %c0], %{{.*}} : tensor<3x3x4x32xf32>, vector<1x32xf32>
// CHECK-NEXT:         vector.contract
// CHECK:        vector.transfer_write %{{.*}} : vector<8x32xf32>, tensor<8x32xf32>
func.func @convolution(%x: tensor<1x10x10x4xf32>, %w: tensor<3x3x4x32xf32>, %o: tensor<1x8x8x32xf32>)
    -> tensor<1x8x8x32xf32> {
  %zero = arith.constant 0.0 : f32
  %start = linalg.fill ins(%zero : f32) outs(%o : tensor<1x8x8x32xf32>) -> tensor<1x8x8x32xf32>
  %0 = linalg.conv_2d_nhwc_hwcf ins(%x, %w : tensor<1x10x10x4xf32>, tensor<3x3x4x32xf32>)
      outs(%start : tensor<1x8x8x32xf32>) -> tensor<1x8x8x32xf32>
  return %0 : tensor<1x8x8x32xf32>
}

// The gradient of a kernel: an entry at a time, with sums over pixels.
// CHECK-LABEL: func.func @kernel_gradient(
// CHECK:      scf.for %[[I:.*]] = %c0 to %c3 step %c1
// CHECK:        scf.for %[[J:.*]] = %c0 to %c3 step %c1
// CHECK:          %[[SUM:.*]] = vector.transfer_read %{{.*}} : tensor<4x32xf32>, vector<4x32xf32>
// CHECK:          scf.for %{{.*}} = %c0 to %c8 step %c1 iter_args(%{{.*}} = %[[SUM]]) -> (vector<4x32xf32>)
// CHECK:            scf.for %{{.*}} = %c0 to %c8 step %c1 iter_args({{.*}}) -> (vector<4x32xf32>)
// CHECK:              vector.contract {{.*}} into vector<4x32xf32>
#window = affine_map<(i, j, c, n, b, h, w) -> (b, h + i, w + j, c)>
#pixel = affine_map<(i, j, c, n, b, h, w) -> (b, h, w, n)>
#entry = affine_map<(i, j, c, n, b, h, w) -> (i, j, c, n)>
func.func @kernel_gradient(%x: tensor<1x10x10x4xf32>, %dy: tensor<1x8x8x32xf32>, %o: tensor<3x3x4x32xf32>)
    -> tensor<3x3x4x32xf32> {
  %0 = linalg.generic {indexing_maps = [#window, #pixel, #entry],
      iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
      ins(%x, %dy : tensor<1x10x10x4xf32>, tensor<1x8x8x32xf32>) outs(%o : tensor<3x3x4x32xf32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %term = arith.mulf %a, %b : f32
    %next = arith.addf %sum, %term : f32
    linalg.yield %next : f32
  } -> tensor<3x3x4x32xf32>
  return %0 : tensor<3x3x4x32xf32>
}

// What reads at a place that is computed stays, for loops: also where it has one
// element, and no index of its own.
// CHECK-LABEL: func.func @one_pixel(
// CHECK:      linalg.generic
// CHECK:        memref.load
func.func @one_pixel(%images: memref<1x8x1xi8>, %image: index) -> tensor<1x1xf32> {
  %c0 = arith.constant 0 : index
  %e = tensor.empty() : tensor<1x1xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>], iterator_types = ["parallel", "parallel"]}
      outs(%e : tensor<1x1xf32>) {
  ^bb0(%out: f32):
    %pixel = memref.load %images[%c0, %image, %c0] : memref<1x8x1xi8>
    %number = arith.uitofp %pixel : i8 to f32
    linalg.yield %number : f32
  } -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}
