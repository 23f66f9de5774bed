// Each tensor op of one image as linalg.
// RUN: dale-opt %s --dale-tensor-to-linalg --canonicalize --cse | FileCheck %s

// CHECK-DAG: #[[SWAP:.*]] = affine_map<(d0, d1) -> (d1, d0)>
// CHECK-DAG: #[[UNDER:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1 * 2 + d3, d2 * 8 + d4)>
// CHECK-DAG: #[[CHANNEL:.*]] = affine_map<(d0, d1, d2, d3) -> (d3)>
// CHECK-DAG: #[[ALL:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[LEFT:.*]] = affine_map<(d0, d1, d2) -> (d2, d0)>
// CHECK-DAG: #[[RIGHT:.*]] = affine_map<(d0, d1, d2) -> (d2, d1)>
// CHECK-DAG: #[[OUT:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[WINDOW:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d0 + d5, d1 + d6, d2)>
// CHECK-DAG: #[[PIXEL:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d4, d5, d6, d3)>
// CHECK-DAG: #[[ENTRY:.*]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>

dale.variable @w parameter at 4 : tensor<2x4xf32> init #dale.constant<0.0>

// Views, and no copies.
// CHECK-LABEL: func.func @read(
// CHECK-NEXT: %[[ALL_ROWS:.*]] = tensor.extract_slice %[[T:.*]][4] [8] [1]
// CHECK-NEXT: tensor.expand_shape %[[ALL_ROWS]] {{.*}} into tensor<2x4xf32>
// CHECK-NEXT: tensor.extract_slice %[[T]][8] [4] [1] : tensor<16xf32> to tensor<4xf32>
// CHECK-NEXT: return
func.func @read(%t: tensor<16xf32>) -> (tensor<2x4xf32>, tensor<4xf32>) {
  %0 = dale.read @w of %t : tensor<16xf32> -> tensor<2x4xf32>
  %1 = dale.read @w[1] of %t : tensor<16xf32> -> tensor<4xf32>
  return %0, %1 : tensor<2x4xf32>, tensor<4xf32>
}

// Stored in a buffer, part by part. Zero where no variable stands.
// CHECK-LABEL: func.func @pack(
// CHECK-SAME: %[[S:.*]]: tensor<4xf32>
// CHECK:      %[[BUFFER:.*]] = memref.alloc() : memref<16xf32>
// CHECK-NEXT: linalg.fill {{.*}} outs(%[[BUFFER]] : memref<16xf32>)
// CHECK-NEXT: %[[PART:.*]] = memref.subview %[[BUFFER]][8] [4] [1]
// CHECK-NEXT: bufferization.materialize_in_destination %[[S]] in restrict writable %[[PART]]
// CHECK-NEXT: bufferization.to_tensor %[[BUFFER]] restrict
func.func @pack(%s: tensor<4xf32>) -> tensor<16xf32> {
  %0 = dale.pack %s : tensor<4xf32> as [@w] rows [1] -> tensor<16xf32>
  return %0 : tensor<16xf32>
}

// A variable may be a single number.
// CHECK-LABEL: func.func @scalar(
// CHECK:      %[[SLICE:.*]] = tensor.extract_slice %{{.*}}[12] [1] [1]
// CHECK-NEXT: %[[S:.*]] = tensor.collapse_shape %[[SLICE]] [] : tensor<1xf32> into tensor<f32>
// CHECK:      %[[PART:.*]] = memref.subview %{{.*}}[12] [1] [1]
// CHECK:      %[[NUMBER:.*]] = tensor.expand_shape {{.*}} : tensor<f32> into tensor<1xf32>
// CHECK:      bufferization.materialize_in_destination %[[NUMBER]] in restrict writable %[[PART]]
dale.variable @s parameter at 12 : tensor<f32> init #dale.constant<0.0>
func.func @scalar(%t: tensor<16xf32>, %r: tensor<f32>) -> (tensor<f32>, tensor<16xf32>) {
  %0 = dale.read @s of %t : tensor<16xf32> -> tensor<f32>
  %1 = dale.pack %r : tensor<f32> as [@s] rows [-1] -> tensor<16xf32>
  return %0, %1 : tensor<f32>, tensor<16xf32>
}

// The pixels under the kernel side by side, then one product.
// CHECK-LABEL: func.func @conv(
// CHECK:      %[[PADDED:.*]] = tensor.insert_slice %{{.*}} into %{{.*}}[0, 0, 0, 0] [1, 8, 8, 4] [1, 1, 1, 1] : tensor<1x8x8x4xf32> into tensor<1x8x9x4xf32>
// CHECK:      %[[ROWS:.*]] = tensor.collapse_shape %[[PADDED]] {{\[}}[0], [1], [2, 3]] : tensor<1x8x9x4xf32> into tensor<1x8x36xf32>
// CHECK:      %[[PATCHES:.*]] = linalg.generic {indexing_maps = [#[[UNDER]], #{{.*}}]
// CHECK-SAME:   ins(%[[ROWS]] : tensor<1x8x36xf32>) outs(%{{.*}} : tensor<1x4x4x1x8xf32>)
// CHECK-DAG:  %[[W:.*]] = tensor.collapse_shape %{{.*}} : tensor<1x2x4x6xf32> into tensor<8x6xf32>
// CHECK-DAG:  %[[X:.*]] = tensor.collapse_shape %[[PATCHES]] {{.*}} : tensor<1x4x4x1x8xf32> into tensor<16x8xf32>
// CHECK:      linalg.matmul ins(%[[X]], %[[W]] : tensor<16x8xf32>, tensor<8x6xf32>)
func.func @conv(%x: tensor<1x8x8x4xf32>, %w: tensor<1x2x4x6xf32>) -> tensor<1x4x4x6xf32> {
  %0 = dale.conv %x, %w padding [0, 0, 0, 1] {stride = 2}
      : tensor<1x8x8x4xf32>, tensor<1x2x4x6xf32> -> tensor<1x4x4x6xf32>
  return %0 : tensor<1x4x4x6xf32>
}

// The cotangent with zeros between its pixels, convolved with the turned kernel.
// CHECK-LABEL: func.func @conv_input_grad(
// CHECK:      %[[ZEROS:.*]] = linalg.fill {{.*}} -> tensor<1x8x9x6xf32>
// CHECK:      tensor.insert_slice %{{.*}} into %[[ZEROS]][0, 0, 1, 0] [1, 4, 4, 6] [1, 2, 2, 1]
// CHECK:      linalg.generic
// CHECK:        tensor.extract
// CHECK:      linalg.conv_2d_nhwc_hwcf {{.*}}ins(%{{.*}}, %{{.*}} : tensor<1x8x9x6xf32>, tensor<1x2x6x4xf32>) outs(%{{.*}} : tensor<1x8x8x4xf32>)
func.func @conv_input_grad(%dy: tensor<1x4x4x6xf32>, %w: tensor<1x2x4x6xf32>)
    -> tensor<1x8x8x4xf32> {
  %0 = dale.conv_input_grad %dy, %w padding [0, 0, 0, 1] {stride = 2}
      : tensor<1x4x4x6xf32>, tensor<1x2x4x6xf32> -> tensor<1x8x8x4xf32>
  return %0 : tensor<1x8x8x4xf32>
}

// A product with the transposed pixels, onto the accumulator.
// CHECK-LABEL: func.func @conv_filter_grad(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<1x8x8x4xf32>, %[[DY:[a-z0-9]+]]: tensor<1x4x4x6xf32>, %[[A:[a-z0-9]+]]: tensor<1x2x4x6xf32>
// CHECK-DAG:  %[[SUM:.*]] = tensor.collapse_shape %[[A]] {{.*}} into tensor<8x6xf32>
// CHECK-DAG:  %[[COTANGENT:.*]] = tensor.collapse_shape %[[DY]] {{.*}} into tensor<16x6xf32>
// CHECK:      linalg.generic {indexing_maps = [#[[LEFT]], #[[RIGHT]], #[[OUT]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%{{.*}}, %[[COTANGENT]] : tensor<16x8xf32>, tensor<16x6xf32>) outs(%[[SUM]]
func.func @conv_filter_grad(%x: tensor<1x8x8x4xf32>, %dy: tensor<1x4x4x6xf32>,
                            %a: tensor<1x2x4x6xf32>) -> tensor<1x2x4x6xf32> {
  %0 = dale.conv_filter_grad %x, %dy acc %a padding [0, 0, 0, 1] {stride = 2}
      : tensor<1x8x8x4xf32>, tensor<1x4x4x6xf32>, tensor<1x2x4x6xf32> -> tensor<1x2x4x6xf32>
  return %0 : tensor<1x2x4x6xf32>
}

// With stride 1 the padded map is read as it is.
// CHECK-LABEL: func.func @direct_conv(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<1x8x8x4xf32>, %[[W:[a-z0-9]+]]: tensor<3x3x4x6xf32>
// CHECK:      %[[PADDED:.*]] = tensor.insert_slice %[[X]] into {{.*}} into tensor<1x10x10x4xf32>
// CHECK:      linalg.conv_2d_nhwc_hwcf {{.*}}ins(%[[PADDED]], %[[W]] : tensor<1x10x10x4xf32>, tensor<3x3x4x6xf32>)
func.func @direct_conv(%x: tensor<1x8x8x4xf32>, %w: tensor<3x3x4x6xf32>) -> tensor<1x8x8x6xf32> {
  %0 = dale.conv %x, %w padding [1, 1, 1, 1]
      : tensor<1x8x8x4xf32>, tensor<3x3x4x6xf32> -> tensor<1x8x8x6xf32>
  return %0 : tensor<1x8x8x6xf32>
}

// And so is it for the gradient: sums over pixels for each entry of the kernel.
// CHECK-LABEL: func.func @direct_conv_filter_grad(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<1x8x8x4xf32>, %[[DY:[a-z0-9]+]]: tensor<1x8x8x6xf32>, %[[A:[a-z0-9]+]]: tensor<3x3x4x6xf32>
// CHECK:      %[[PADDED:.*]] = tensor.insert_slice %[[X]]
// CHECK:      linalg.generic {indexing_maps = [#[[WINDOW]], #[[PIXEL]], #[[ENTRY]]], {{.*}}} ins(%[[PADDED]], %[[DY]] : {{.*}}) outs(%[[A]] : tensor<3x3x4x6xf32>)
func.func @direct_conv_filter_grad(%x: tensor<1x8x8x4xf32>, %dy: tensor<1x8x8x6xf32>,
                                   %a: tensor<3x3x4x6xf32>) -> tensor<3x3x4x6xf32> {
  %0 = dale.conv_filter_grad %x, %dy acc %a padding [1, 1, 1, 1]
      : tensor<1x8x8x4xf32>, tensor<1x8x8x6xf32>, tensor<3x3x4x6xf32> -> tensor<3x3x4x6xf32>
  return %0 : tensor<3x3x4x6xf32>
}

// Entry (0, j) comes from (0, 1 - j), with its channels exchanged.
// CHECK-LABEL: func.func @turn(
// CHECK-SAME: %[[W:.*]]: tensor<1x2x4x6xf32>
// CHECK:      linalg.generic {{.*}} outs(%{{.*}} : tensor<1x2x6x4xf32>)
// CHECK-DAG:    %[[J:.*]] = linalg.index 1
// CHECK-DAG:    %[[K:.*]] = linalg.index 2
// CHECK-DAG:    %[[L:.*]] = linalg.index 3
// CHECK-DAG:    %[[COLUMN:.*]] = arith.subi %c1{{.*}}, %[[J]]
// CHECK:        tensor.extract %[[W]][%c0{{.*}}, %[[COLUMN]], %[[L]], %[[K]]]
// CHECK-LABEL: func.func @turn_depthwise(
// CHECK:        tensor.extract %{{.*}}[%{{.*}}, %{{.*}}, %{{.*}}] : tensor<1x2x4xf32>
// A single number stays as it is.
// CHECK-LABEL: func.func @turn_number(
// CHECK-NEXT: return
func.func @turn(%w: tensor<1x2x4x6xf32>) -> tensor<1x2x6x4xf32> {
  %0 = dale.turn %w : tensor<1x2x4x6xf32> -> tensor<1x2x6x4xf32>
  return %0 : tensor<1x2x6x4xf32>
}
func.func @turn_depthwise(%w: tensor<1x2x4xf32>) -> tensor<1x2x4xf32> {
  %0 = dale.turn %w : tensor<1x2x4xf32> -> tensor<1x2x4xf32>
  return %0 : tensor<1x2x4xf32>
}
func.func @turn_number(%w: tensor<1x1x1xf32>) -> tensor<1x1x1xf32> {
  %0 = dale.turn %w : tensor<1x1x1xf32> -> tensor<1x1x1xf32>
  return %0 : tensor<1x1x1xf32>
}

// Arithmetic on shifted views of the padded map, with one vector of channels for
// each entry of the kernel.
// CHECK-LABEL: func.func @depthwise_conv(
// CHECK-SAME: %{{.*}}: tensor<1x8x8x4xf32>, %[[W:[a-z0-9]+]]: tensor<1x2x4xf32>
// CHECK-DAG:  %[[W0:.*]] = tensor.extract_slice %[[W]][0, 0, 0] [1, 1, 4] [1, 1, 1] : tensor<1x2x4xf32> to tensor<4xf32>
// CHECK-DAG:  %[[W1:.*]] = tensor.extract_slice %[[W]][0, 1, 0] [1, 1, 4] [1, 1, 1] : tensor<1x2x4xf32> to tensor<4xf32>
// CHECK:      linalg.generic {indexing_maps = [#[[ALL]], #[[ALL]], #[[CHANNEL]], #[[CHANNEL]], #[[ALL]]]
// CHECK-SAME: ins(%{{.*}}, %{{.*}}, %[[W0]], %[[W1]] :
// CHECK-NEXT: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %[[U:.*]]: f32, %[[V:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:   %[[AU:.*]] = arith.mulf %[[A]], %[[U]]
// CHECK-NEXT:   %[[SUM:.*]] = math.fma %[[B]], %[[V]], %[[AU]]
// CHECK-NEXT:   linalg.yield %[[SUM]]
func.func @depthwise_conv(%x: tensor<1x8x8x4xf32>, %w: tensor<1x2x4xf32>)
    -> tensor<1x8x8x4xf32> {
  %0 = dale.depthwise_conv %x, %w padding [0, 0, 1, 0]
      : tensor<1x8x8x4xf32>, tensor<1x2x4xf32> -> tensor<1x8x8x4xf32>
  return %0 : tensor<1x8x8x4xf32>
}

// One pass over the maps for all entries of the kernel.
// CHECK-LABEL: func.func @depthwise_filter_grad(
// CHECK:      %[[SUMS:.*]]:2 = linalg.generic {indexing_maps = [#[[ALL]], #[[ALL]], #[[ALL]], #[[CHANNEL]], #[[CHANNEL]]], iterator_types = ["reduction", "reduction", "reduction", "parallel"]}
// CHECK:        linalg.yield %{{.*}}, %{{.*}} : f32, f32
// CHECK:      tensor.insert_slice %[[SUMS]]#0 into %{{.*}}[0, 0, 0]
// CHECK:      tensor.insert_slice %[[SUMS]]#1 into %{{.*}}[0, 1, 0]
func.func @depthwise_filter_grad(%x: tensor<1x8x8x4xf32>, %dy: tensor<1x8x8x4xf32>)
    -> tensor<1x2x4xf32> {
  %0 = dale.depthwise_filter_grad %x, %dy padding [0, 0, 1, 0]
      : tensor<1x8x8x4xf32>, tensor<1x8x8x4xf32> -> tensor<1x2x4xf32>
  return %0 : tensor<1x2x4xf32>
}

// CHECK-LABEL: func.func @pointwise_conv(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<1x8x8x4xf32>, %[[W:[a-z0-9]+]]: tensor<4x6xf32>, %[[A:[a-z0-9]+]]: tensor<1x8x8x6xf32>
// CHECK-DAG:  %[[SUM:.*]] = tensor.collapse_shape %[[A]] {{.*}} into tensor<64x6xf32>
// CHECK-DAG:  %[[PIXELS:.*]] = tensor.collapse_shape %[[X]] {{.*}} into tensor<64x4xf32>
// CHECK:      linalg.matmul ins(%[[PIXELS]], %[[W]] : {{.*}}) outs(%[[SUM]]
// CHECK-LABEL: func.func @pointwise_filter_grad(
// CHECK:      linalg.generic {indexing_maps = [#[[LEFT]], #[[RIGHT]], #[[OUT]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%{{.*}} : tensor<64x4xf32>, tensor<64x6xf32>)
// CHECK-LABEL: func.func @transpose(
// CHECK:      linalg.generic {indexing_maps = [#[[SWAP]],
func.func @pointwise_conv(%x: tensor<1x8x8x4xf32>, %w: tensor<4x6xf32>,
                          %a: tensor<1x8x8x6xf32>) -> tensor<1x8x8x6xf32> {
  %0 = dale.pointwise_conv %x, %w acc %a
      : tensor<1x8x8x4xf32>, tensor<4x6xf32>, tensor<1x8x8x6xf32> -> tensor<1x8x8x6xf32>
  return %0 : tensor<1x8x8x6xf32>
}
func.func @pointwise_filter_grad(%x: tensor<1x8x8x4xf32>, %dy: tensor<1x8x8x6xf32>)
    -> tensor<4x6xf32> {
  %0 = dale.pointwise_filter_grad %x, %dy
      : tensor<1x8x8x4xf32>, tensor<1x8x8x6xf32> -> tensor<4x6xf32>
  return %0 : tensor<4x6xf32>
}
func.func @transpose(%w: tensor<4x6xf32>) -> tensor<6x4xf32> {
  %0 = dale.transpose %w : tensor<4x6xf32> -> tensor<6x4xf32>
  return %0 : tensor<6x4xf32>
}

// Of the one row of padding that 5 rows need nothing comes before the first; it
// never wins.
// CHECK-LABEL: func.func @max_pool(
// CHECK:      %[[LOWEST:.*]] = arith.constant 0xFF800000 : f32
// CHECK:      linalg.fill ins(%[[LOWEST]] : f32) outs(%{{.*}} : tensor<1x6x4x2xf32>)
// CHECK:      tensor.insert_slice %{{.*}} into %{{.*}}[0, 0, 0, 0] [1, 5, 4, 2]
// CHECK:      linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "parallel", "parallel"]
// CHECK-NEXT: ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %{{.*}}: f32, %{{.*}}: f32, %{{.*}}: f32):
// CHECK-NEXT:   %[[GREATER:.*]] = arith.cmpf ogt, %[[B]], %[[A]]
// CHECK-NEXT:   arith.select %[[GREATER]], %[[B]], %[[A]]
func.func @max_pool(%x: tensor<1x5x4x2xf32>) -> tensor<1x3x2x2xf32> {
  %0 = dale.max_pool %x size 2 stride 2 : tensor<1x5x4x2xf32> -> tensor<1x3x2x2xf32>
  return %0 : tensor<1x3x2x2xf32>
}

// First which place of its window wins, the earlier one of two that are equal.
// Then the pixels of each place in turn, every second of them: a pixel of a window
// of its own has that window's cotangent where it wins it.
// CHECK-LABEL: func.func @max_pool_grad(
// CHECK-SAME: %{{.*}}, %[[DY:[a-z0-9]+]]: tensor<1x2x2x2xf32>)
// CHECK:      %[[WINNER:.*]] = linalg.generic
// CHECK:        arith.cmpf ogt
// CHECK:        arith.cmpf ogt
// CHECK:        arith.cmpf ogt
// CHECK:      linalg.generic {{.*}} ins(%[[WINNER]], %[[DY]]
// CHECK-NEXT: ^bb0(%[[PLACE:.*]]: f32, %[[D:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT:   %[[WINS:.*]] = arith.cmpf oeq, %[[PLACE]], %{{.*}}
// CHECK-NEXT:   arith.select %[[WINS]], %[[D]], %{{.*}}
// CHECK:      tensor.insert_slice %{{.*}} into %{{.*}}[0, 0, 0, 0] [1, 2, 2, 2] [1, 2, 2, 1]
// CHECK-COUNT-2: linalg.generic {{.*}} ins(%[[WINNER]], %[[DY]]
// CHECK:      linalg.generic {{.*}} ins(%[[WINNER]], %[[DY]]
// CHECK:      tensor.insert_slice %{{.*}} into %{{.*}}[0, 1, 1, 0] [1, 2, 2, 2] [1, 2, 2, 1]
func.func @max_pool_grad(%x: tensor<1x4x4x2xf32>, %dy: tensor<1x2x2x2xf32>)
    -> tensor<1x4x4x2xf32> {
  %0 = dale.max_pool_grad %x, %dy size 2 stride 2
      : tensor<1x4x4x2xf32>, tensor<1x2x2x2xf32> -> tensor<1x4x4x2xf32>
  return %0 : tensor<1x4x4x2xf32>
}

// Where windows overlap, a pixel lies in up to four of them, and every fourth in
// one alone. Windows beyond the border are won by no pixel.
// CHECK-LABEL: func.func @max_pool_grad_of_overlapping(
// CHECK:      %[[NONE:.*]] = linalg.fill ins(%{{.*}} : f32) outs(%{{.*}} : tensor<1x3x3x2xf32>)
// CHECK:      %[[WINNER:.*]] = tensor.insert_slice %{{.*}} into %[[NONE]][0, 1, 1, 0] [1, 2, 2, 2]
// CHECK:      %[[COTANGENT:.*]] = tensor.insert_slice %{{.*}} into %{{.*}}[0, 1, 1, 0] [1, 2, 2, 2]
// CHECK:      linalg.generic
// CHECK-COUNT-4: arith.cmpf oeq
// CHECK:      tensor.insert_slice %{{.*}} into %{{.*}}[0, 0, 0, 0] [1, 2, 2, 2] [1, 2, 2, 1]
// CHECK:      linalg.generic
// CHECK-COUNT-2: arith.cmpf oeq
// CHECK-NOT:    arith.cmpf
// CHECK:      tensor.insert_slice %{{.*}} into %{{.*}}[0, 0, 1, 0] [1, 2, 2, 2] [1, 2, 2, 1]
// CHECK:      linalg.generic
// CHECK-COUNT-2: arith.cmpf oeq
// CHECK-NOT:    arith.cmpf
// CHECK:      tensor.insert_slice %{{.*}} into %{{.*}}[0, 1, 0, 0] [1, 2, 2, 2] [1, 2, 2, 1]
// CHECK:      linalg.generic
// CHECK-COUNT-1: arith.cmpf oeq
// CHECK-NOT:    arith.cmpf
// CHECK:      tensor.insert_slice %{{.*}} into %{{.*}}[0, 1, 1, 0] [1, 2, 2, 2] [1, 2, 2, 1]
func.func @max_pool_grad_of_overlapping(%x: tensor<1x4x4x2xf32>, %dy: tensor<1x2x2x2xf32>)
    -> tensor<1x4x4x2xf32> {
  %0 = dale.max_pool_grad %x, %dy size 3 stride 2
      : tensor<1x4x4x2xf32>, tensor<1x2x2x2xf32> -> tensor<1x4x4x2xf32>
  return %0 : tensor<1x4x4x2xf32>
}

// CHECK-LABEL: func.func @broadcast(
// CHECK:      linalg.generic {{.*}}iterator_types = ["parallel", "parallel", "parallel"]} ins(%{{.*}} : tensor<4xf32>)
// CHECK-LABEL: func.func @reduce(
// CHECK-SAME: %{{.*}}, %[[A:[a-z0-9]+]]: tensor<4xf32>
// CHECK-NEXT: linalg.generic {{.*}}iterator_types = ["reduction", "reduction", "parallel"]} ins(%{{.*}} : tensor<1x8x4xf32>) outs(%[[A]] : tensor<4xf32>)
// CHECK-LABEL: func.func @sigmoid(
// CHECK:        %[[MINUS:.*]] = arith.negf
// CHECK-NEXT:   %[[EXP:.*]] = math.exp %[[MINUS]]
// CHECK-NEXT:   %[[SUM:.*]] = arith.addf %[[EXP]], %[[ONE:.*]] : f32
// CHECK-NEXT:   arith.divf %[[ONE]], %[[SUM]]
func.func @broadcast(%b: tensor<4xf32>) -> tensor<1x8x4xf32> {
  %0 = dale.broadcast %b along [0, 1] : tensor<4xf32> -> tensor<1x8x4xf32>
  return %0 : tensor<1x8x4xf32>
}
func.func @reduce(%x: tensor<1x8x4xf32>, %a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = dale.reduce %x acc %a over [0, 1] : tensor<1x8x4xf32>, tensor<4xf32> -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
func.func @sigmoid(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = dale.sigmoid %x : tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// log Σ exp(x − max) + max − x[label]: no exponential overflows.
// CHECK-LABEL: func.func @softmax_cross_entropy(
// CHECK:        arith.maximumf
// CHECK:        %[[SHIFTED:.*]] = arith.subf
// CHECK-NEXT:   math.exp %[[SHIFTED]]
// CHECK:        arith.addf
// CHECK:        %[[CLASS:.*]] = linalg.index 1
// CHECK-NEXT:   %[[NUMBER:.*]] = arith.index_cast %[[CLASS]] : index to i32
// CHECK-NEXT:   arith.cmpi eq, %{{.*}}, %[[NUMBER]]
// CHECK:        %[[LOG:.*]] = math.log
// CHECK-NEXT:   %[[TOTAL:.*]] = arith.addf %[[LOG]], %{{.*}}
// CHECK-NEXT:   arith.subf %[[TOTAL]], %{{.*}}
// CHECK-LABEL: func.func @softmax_cross_entropy_grad(
// CHECK:        linalg.index 1
// CHECK:        %[[EXP:.*]] = math.exp
// CHECK-NEXT:   %[[SHARE:.*]] = arith.divf %[[EXP]], %{{.*}}
// CHECK-NEXT:   %[[ERROR:.*]] = arith.subf %[[SHARE]], %{{.*}}
// CHECK-NEXT:   arith.mulf %{{.*}}, %[[ERROR]]
func.func @softmax_cross_entropy(%logits: tensor<1x10xf32>, %labels: tensor<1xi32>)
    -> tensor<1xf32> {
  %0 = dale.softmax_cross_entropy %logits, %labels
      : tensor<1x10xf32>, tensor<1xi32> -> tensor<1xf32>
  return %0 : tensor<1xf32>
}
func.func @softmax_cross_entropy_grad(%d: tensor<1xf32>, %logits: tensor<1x10xf32>,
                                      %labels: tensor<1xi32>) -> tensor<1x10xf32> {
  %0 = dale.softmax_cross_entropy_grad %d, %logits, %labels
      : tensor<1xf32>, tensor<1x10xf32>, tensor<1xi32> -> tensor<1x10xf32>
  return %0 : tensor<1x10xf32>
}

// Row and column of the crop's corner, and whether its columns are mirrored. A
// byte is read at a place inside of the image also where zero is wanted.
// CHECK-LABEL: func.func @crop(
// CHECK:      %[[PLACE:.*]] = tensor.extract %{{.*}}[%c0] : tensor<1xi32>
// CHECK-NEXT: %[[PICK:.*]] = arith.index_cast %[[PLACE]]
// CHECK:      %[[ROW:.*]] = tensor.extract %[[DRAWS:.*]][%{{.*}}, %{{.*}}] : tensor<1x3xi32>
// CHECK-NEXT: %[[ROW_INDEX:.*]] = arith.index_cast %[[ROW]]
// CHECK-NEXT: %[[DOWN:.*]] = arith.subi %[[ROW_INDEX]], %c4
// CHECK:      %[[RIGHT_BY:.*]] = arith.subi %{{.*}}, %c4
// CHECK:      %[[FLIPPED:.*]] = arith.cmpi ne
// CHECK:        %[[R:.*]] = linalg.index 1
// CHECK-NEXT:   %[[C:.*]] = linalg.index 2
// CHECK:        %[[MIRRORED:.*]] = arith.subi %c7, %[[C]]
// CHECK-NEXT:   %[[COLUMN:.*]] = arith.select %[[FLIPPED]], %[[MIRRORED]], %[[C]]
// CHECK-DAG:    arith.addi %[[R]], %[[DOWN]]
// CHECK-DAG:    arith.addi %[[COLUMN]], %[[RIGHT_BY]]
// CHECK-COUNT-2: arith.cmpi ult
// CHECK:        %[[BYTE:.*]] = tensor.extract %{{.*}}[%c0, %[[PICK]], %{{.*}}, %{{.*}}, %{{.*}}]
// CHECK-NEXT:   %[[PIXEL:.*]] = arith.uitofp %[[BYTE]] : i8 to f32
// CHECK-NEXT:   arith.select %{{.*}}, %[[PIXEL]], %{{.*}}
func.func @crop(%bytes: tensor<1x?x8x8x3xi8>, %picks: tensor<1xi32>, %draws: tensor<1x3xi32>) -> tensor<1x8x8x3xf32> {
  %0 = dale.crop %bytes[%picks], %draws pad 4
      : tensor<1x?x8x8x3xi8>, tensor<1xi32>, tensor<1x3xi32> -> tensor<1x8x8x3xf32>
  return %0 : tensor<1x8x8x3xf32>
}

// The deviation is at least 1 / √192.
// CHECK-LABEL: func.func @standardize(
// CHECK-DAG:  %[[LEAST:.*]] = arith.constant 0.0721687824 : f32
// CHECK-DAG:  %[[COUNT:.*]] = arith.constant 1.92{{0*}}e+02 : f32
// CHECK:        %[[MEAN:.*]] = arith.divf %{{.*}}, %[[COUNT]]
// CHECK-NEXT:   arith.subf %{{.*}}, %[[MEAN]]
// CHECK:        %[[VARIANCE:.*]] = arith.divf %{{.*}}, %[[COUNT]]
// CHECK-NEXT:   %[[ROOT:.*]] = math.sqrt %[[VARIANCE]]
// CHECK-NEXT:   arith.maximumf %[[ROOT]], %[[LEAST]]
// CHECK:        arith.divf
func.func @standardize(%x: tensor<1x8x8x3xf32>) -> tensor<1x8x8x3xf32> {
  %0 = dale.standardize %x : tensor<1x8x8x3xf32>
  return %0 : tensor<1x8x8x3xf32>
}

// One op: no tensor of booleans.
// CHECK-LABEL: func.func @where(
// CHECK:      linalg.generic {{.*}} ins(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} :
// CHECK-NEXT: ^bb0(%[[A:[^:]*]]: f32, %[[B:[^:]*]]: f32, %[[X:[^:]*]]: f32, %[[Y:[^:]*]]: f32,
// CHECK-NEXT:   %[[EXCEEDS:[^:]*]] = arith.cmpf ogt, %[[A]], %[[B]]
// CHECK-NEXT:   arith.select %[[EXCEEDS]], %[[X]], %[[Y]]
func.func @where(%a: tensor<1x4xf32>, %b: tensor<1x4xf32>, %x: tensor<1x4xf32>,
                 %y: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = dale.where %a exceeds %b then %x else %y : tensor<1x4xf32>
  return %0 : tensor<1x4xf32>
}

// No array in the program; a constant with one value stays.
// CHECK-LABEL: func.func @constants(
// CHECK-DAG:  arith.constant dense<1.000000e+00> : tensor<3xf32>
// CHECK-DAG:  %[[A:.*]] = arith.constant 1.5{{0*}}e+00 : f32
// CHECK-DAG:  %[[B:.*]] = arith.constant -2.0{{0*}}e+00 : f32
// CHECK-DAG:  %[[C:.*]] = arith.constant 4.0{{0*}}e+00 : f32
// CHECK-NOT:  dense<[
// CHECK:        %[[INDEX:.*]] = linalg.index 0
// CHECK:        %[[SECOND:.*]] = arith.cmpi eq, %[[INDEX]], %c1
// CHECK-NEXT:   %[[AB:.*]] = arith.select %[[SECOND]], %[[B]], %[[A]]
// CHECK:        %[[THIRD:.*]] = arith.cmpi eq, %[[INDEX]], %c2
// CHECK-NEXT:   %[[ABC:.*]] = arith.select %[[THIRD]], %[[C]], %[[AB]]
// CHECK-NEXT:   linalg.yield %[[ABC]]
func.func @constants() -> (tensor<3xf32>, tensor<3xf32>) {
  %0 = arith.constant dense<[1.5, -2.0, 4.0]> : tensor<3xf32>
  %1 = arith.constant dense<1.0> : tensor<3xf32>
  return %0, %1 : tensor<3xf32>, tensor<3xf32>
}

// Kernels with more than 81 entries are loops over them: written out, they would
// take minutes to compile.
// CHECK-LABEL: func.func @large_kernel(
// CHECK:       linalg.generic {indexing_maps = [
// CHECK-SAME:    iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction"]}
// CHECK-SAME:    ins(%{{.*}}, %{{.*}} : tensor<1x17x13x2xf32>, tensor<10x10x2xf32>) outs(%{{.*}} : tensor<1x8x4x2xf32>)
// CHECK:       linalg.generic {indexing_maps = [
// CHECK-SAME:    iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]}
// CHECK-SAME:    ins(%{{.*}}, %{{.*}} : tensor<1x17x13x2xf32>, tensor<1x8x4x2xf32>) outs(%{{.*}} : tensor<10x10x2xf32>)
func.func @large_kernel(%x: tensor<1x8x4x2xf32>, %k: tensor<10x10x2xf32>)
    -> (tensor<1x8x4x2xf32>, tensor<10x10x2xf32>) {
  %0 = dale.depthwise_conv %x, %k padding [4, 5, 4, 5]
      : tensor<1x8x4x2xf32>, tensor<10x10x2xf32> -> tensor<1x8x4x2xf32>
  %1 = dale.depthwise_filter_grad %x, %0 padding [4, 5, 4, 5]
      : tensor<1x8x4x2xf32>, tensor<1x8x4x2xf32> -> tensor<10x10x2xf32>
  return %0, %1 : tensor<1x8x4x2xf32>, tensor<10x10x2xf32>
}
