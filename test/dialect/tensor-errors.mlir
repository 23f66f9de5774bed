// What the tensor ops refuse.
// RUN: dale-opt %s --split-input-file --verify-diagnostics

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

// expected-error @+1 {{must have a static shape}}
dale.variable @w parameter at 0 : tensor<?x4xf32> init #dale.constant<0.0>

// -----

// expected-error @+1 {{offset must not be negative}}
dale.variable @w parameter at -1 : tensor<4xf32> init #dale.constant<0.0>

// -----

// expected-error @+1 {{initializer must be #dale.constant, #dale.glorot_uniform or #dale.truncated_normal}}
dale.variable @w parameter at 0 : tensor<4xf32> init "zeros"

// -----

func.func @f(%theta: tensor<8xf32>) {
  // expected-error @+1 {{no dale.variable is named @w}}
  %0 = dale.read @w of %theta : tensor<8xf32> -> tensor<4xf32>
  return
}

// -----

dale.variable @w parameter at 6 : tensor<4xf32> init #dale.constant<0.0>
func.func @f(%theta: tensor<8xf32>) {
  // expected-error @+1 {{variable @w has 4 elements from 6 on, which are not all in the buffer 'tensor<8xf32>'}}
  %0 = dale.read @w of %theta : tensor<8xf32> -> tensor<4xf32>
  return
}

// -----

dale.variable @w parameter at 6 : tensor<4xf32> init #dale.constant<0.0>
func.func @f(%theta: tensor<?xf32>) {
  // expected-error @+1 {{which are not all in the buffer 'tensor<?xf32>'}}
  %0 = dale.read @w of %theta : tensor<?xf32> -> tensor<4xf32>
  return
}

// -----

dale.variable @w parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
func.func @f(%theta: tensor<2x4xf32>) {
  // expected-error @+1 {{which are not all in the buffer 'tensor<2x4xf32>'}}
  %0 = dale.read @w of %theta : tensor<2x4xf32> -> tensor<4xf32>
  return
}

// -----

dale.variable @w parameter at 0 : tensor<2x4xf32> init #dale.constant<0.0>
func.func @f(%theta: tensor<8xf32>) {
  // expected-error @+1 {{variable @w of type 'tensor<2x4xf32>' has no row 2}}
  %0 = dale.read @w[2] of %theta : tensor<8xf32> -> tensor<4xf32>
  return
}

// -----

dale.variable @w parameter at 0 : tensor<2x4xf32> init #dale.constant<0.0>
func.func @f(%theta: tensor<8xf32>) {
  // expected-error @+1 {{variable @w gives 'tensor<2x4xf32>', not 'tensor<4xf32>'}}
  %0 = dale.read @w of %theta : tensor<8xf32> -> tensor<4xf32>
  return
}

// -----

// Also the real numbers must be the buffer's.
dale.variable @w parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
func.func @f(%theta: tensor<8xf64>) {
  // expected-error @+1 {{has tensors of 'f64' and of 'f32'}}
  %0 = dale.read @w of %theta : tensor<8xf64> -> tensor<4xf32>
  return
}

// -----

dale.variable @w parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
func.func @f(%w: tensor<4xf32>) {
  // expected-error @+1 {{must have one variable and one row for each value}}
  %0 = dale.pack %w : tensor<4xf32> as [@w, @w] rows [-1] -> tensor<8xf32>
  return
}

// -----

dale.variable @w parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
func.func @f(%w: tensor<4xf32>) {
  // expected-error @+1 {{must have one variable and one row for each value}}
  %0 = dale.pack %w : tensor<4xf32> as [@w] rows [] -> tensor<8xf32>
  return
}

// -----

dale.variable @w parameter at 0 : tensor<2x4xf32> init #dale.constant<0.0>
func.func @f(%w: tensor<4xf32>) {
  // expected-error @+1 {{variable @w gives 'tensor<2x4xf32>', not 'tensor<4xf32>'}}
  %0 = dale.pack %w : tensor<4xf32> as [@w] rows [-1] -> tensor<8xf32>
  return
}

// -----

dale.variable @w parameter at 0 : tensor<2x4xf32> init #dale.constant<0.0>
func.func @f(%w: tensor<4xf32>) {
  // expected-error @+1 {{variable @w of type 'tensor<2x4xf32>' has no row 3}}
  %0 = dale.pack %w : tensor<4xf32> as [@w] rows [3] -> tensor<8xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

func.func @f(%x: tensor<?x8x3xf32>, %w: tensor<3x3x3x4xf32>) {
  // expected-error @+1 {{input must have rank 4, but has type 'tensor<?x8x3xf32>'}}
  %0 = dale.conv %x, %w padding [1, 1, 1, 1]
      : tensor<?x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<?x8x8x4xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x3xf32>, %w: tensor<3x3x3xf32>) {
  // expected-error @+1 {{kernel must have rank 4}}
  %0 = dale.conv %x, %w padding [1, 1, 1, 1]
      : tensor<?x8x8x3xf32>, tensor<3x3x3xf32> -> tensor<?x8x8x3xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x3xf32>, %w: tensor<3x3x2x4xf32>) {
  // expected-error @+1 {{kernel takes 2 channels, but the input has 3}}
  %0 = dale.conv %x, %w padding [1, 1, 1, 1]
      : tensor<?x8x8x3xf32>, tensor<3x3x2x4xf32> -> tensor<?x8x8x4xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x3xf32>, %w: tensor<3x3x3x4xf32>) {
  // expected-error @+1 {{padding must be four numbers that are not negative: top, bottom, left, right}}
  %0 = dale.conv %x, %w padding [1, 1]
      : tensor<?x8x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<?x8x8x4xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x3xf32>, %w: tensor<3x3x3x4xf32>) {
  // expected-error @+1 {{padding must be four numbers that are not negative}}
  %0 = dale.conv %x, %w padding [1, 1, -1, 1]
      : tensor<?x8x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<?x8x6x4xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x3xf32>, %w: tensor<3x3x3x4xf32>) {
  // expected-error @+1 {{stride must be positive}}
  %0 = dale.conv %x, %w padding [1, 1, 1, 1] {stride = 0 : i64}
      : tensor<?x8x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<?x8x8x4xf32>
  return
}

// -----

func.func @f(%x: tensor<?x2x8x3xf32>, %w: tensor<5x3x3x4xf32>) {
  // expected-error @+1 {{kernel is larger than the padded input}}
  %0 = dale.conv %x, %w padding [1, 1, 1, 1]
      : tensor<?x2x8x3xf32>, tensor<5x3x3x4xf32> -> tensor<?x1x8x4xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x3xf32>, %w: tensor<3x3x3x4xf32>) {
  // expected-error @+1 {{output must have type 'tensor<?x4x4x4xf32>', but has type 'tensor<?x8x8x4xf32>'}}
  %0 = dale.conv %x, %w padding [1, 1, 1, 1] {stride = 2 : i64}
      : tensor<?x8x8x3xf32>, tensor<3x3x3x4xf32> -> tensor<?x8x8x4xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x3xf32>, %w: tensor<3x3x3x4xf64>) {
  // expected-error @+1 {{has tensors of 'f32' and of 'f64'}}
  %0 = dale.conv %x, %w padding [1, 1, 1, 1]
      : tensor<?x8x8x3xf32>, tensor<3x3x3x4xf64> -> tensor<?x8x8x4xf32>
  return
}

// -----

func.func @f(%dy: tensor<?x4x4x4xf32>, %w: tensor<3x3x3x4xf32>) {
  // expected-error @+1 {{output must have type 'tensor<?x3x3x4xf32>', but has type 'tensor<?x4x4x4xf32>'}}
  %0 = dale.conv_input_grad %dy, %w padding [1, 1, 1, 1] {stride = 2 : i64}
      : tensor<?x4x4x4xf32>, tensor<3x3x3x4xf32> -> tensor<?x6x6x3xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x3xf32>, %dy: tensor<?x8x8x4xf32>) {
  // expected-error @+1 {{kernel takes 2 channels, but the input has 3}}
  %0 = dale.conv_filter_grad %x, %dy padding [1, 1, 1, 1]
      : tensor<?x8x8x3xf32>, tensor<?x8x8x4xf32> -> tensor<3x3x2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x3xf32>, %dy: tensor<?x8x8x4xf32>, %a: tensor<3x3xf32>) {
  // expected-error @+1 {{accumulator must have the result's type 'tensor<3x3x3x4xf32>', but has type 'tensor<3x3xf32>'}}
  %0 = dale.conv_filter_grad %x, %dy acc %a padding [1, 1, 1, 1]
      : tensor<?x8x8x3xf32>, tensor<?x8x8x4xf32>, tensor<3x3xf32> -> tensor<3x3x3x4xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x3xf32>, %w: tensor<3x3x3x1xf32>) {
  // expected-error @+1 {{kernel must have rank 3}}
  %0 = dale.depthwise_conv %x, %w padding [1, 1, 1, 1]
      : tensor<?x8x8x3xf32>, tensor<3x3x3x1xf32> -> tensor<?x8x8x3xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x3xf32>, %w: tensor<3x3x4xf32>) {
  // expected-error @+1 {{kernel has 4 channels, but the input has 3}}
  %0 = dale.depthwise_conv %x, %w padding [1, 1, 1, 1]
      : tensor<?x8x8x3xf32>, tensor<3x3x4xf32> -> tensor<?x8x8x3xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x3xf32>, %w: tensor<3x3x3xf32>) {
  // expected-error @+1 {{output must have type 'tensor<?x6x6x3xf32>', but has type 'tensor<?x8x8x3xf32>'}}
  %0 = dale.depthwise_conv %x, %w padding [0, 0, 0, 0]
      : tensor<?x8x8x3xf32>, tensor<3x3x3xf32> -> tensor<?x8x8x3xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x3xf32>, %dy: tensor<?x8x8x3xf32>, %a: tensor<3xf32>) {
  // expected-error @+1 {{accumulator must have the result's type}}
  %0 = dale.depthwise_filter_grad %x, %dy acc %a padding [1, 1, 1, 1]
      : tensor<?x8x8x3xf32>, tensor<?x8x8x3xf32>, tensor<3xf32> -> tensor<3x3x3xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>, %w: tensor<4x6xf32>) {
  // expected-error @+1 {{input must have a batch and a channel dimension}}
  %0 = dale.pointwise_conv %x, %w : tensor<4xf32>, tensor<4x6xf32> -> tensor<6xf32>
  return
}

// -----

func.func @f(%x: tensor<?x4xf32>, %w: tensor<1x4x6xf32>) {
  // expected-error @+1 {{kernel must have rank 2}}
  %0 = dale.pointwise_conv %x, %w : tensor<?x4xf32>, tensor<1x4x6xf32> -> tensor<?x6xf32>
  return
}

// -----

func.func @f(%x: tensor<?x4xf32>, %w: tensor<6x4xf32>) {
  // expected-error @+1 {{kernel takes 6 channels, but the input has 4}}
  %0 = dale.pointwise_conv %x, %w : tensor<?x4xf32>, tensor<6x4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x4xf32>, %w: tensor<4x6xf32>) {
  // expected-error @+1 {{output must have type 'tensor<?x8x8x6xf32>', but has type 'tensor<?x4x4x6xf32>'}}
  %0 = dale.pointwise_conv %x, %w : tensor<?x8x8x4xf32>, tensor<4x6xf32> -> tensor<?x4x4x6xf32>
  return
}

// -----

func.func @f(%x: tensor<?x4xf32>, %w: tensor<4x6xf32>, %a: tensor<?x4xf32>) {
  // expected-error @+1 {{accumulator must have the result's type 'tensor<?x6xf32>', but has type 'tensor<?x4xf32>'}}
  %0 = dale.pointwise_conv %x, %w acc %a
      : tensor<?x4xf32>, tensor<4x6xf32>, tensor<?x4xf32> -> tensor<?x6xf32>
  return
}

// -----

func.func @f(%x: tensor<?x4xf32>, %dy: tensor<?x6xf32>) {
  // expected-error @+1 {{output must have type 'tensor<?x5xf32>', but has type 'tensor<?x6xf32>'}}
  %0 = dale.pointwise_filter_grad %x, %dy
      : tensor<?x4xf32>, tensor<?x6xf32> -> tensor<4x5xf32>
  return
}

// -----

func.func @f(%w: tensor<4x5x6xf32>) {
  // expected-error @+1 {{input must have rank 2, but has type 'tensor<4x5x6xf32>'}}
  %0 = dale.transpose %w : tensor<4x5x6xf32> -> tensor<6x5x4xf32>
  return
}

// -----

func.func @f(%w: tensor<4x6xf32>) {
  // expected-error @+1 {{result must have type 'tensor<6x4xf32>', but has type 'tensor<4x6xf32>'}}
  %0 = dale.transpose %w : tensor<4x6xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @f(%w: tensor<4x6xf32>) {
  // expected-error @+1 {{input must be a depthwise or a regular kernel, with rank 3 or 4}}
  %0 = dale.turn %w : tensor<4x6xf32> -> tensor<4x6xf32>
  return
}

// -----

func.func @f(%w: tensor<3x3x4x6xf32>) {
  // expected-error @+1 {{result must have type 'tensor<3x3x6x4xf32>', but has type 'tensor<3x3x4x6xf32>'}}
  %0 = dale.turn %w : tensor<3x3x4x6xf32> -> tensor<3x3x4x6xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Pools, sums, broadcasts
//===----------------------------------------------------------------------===//

func.func @f(%x: tensor<?x8x4xf32>) {
  // expected-error @+1 {{input must have rank 4, but has type 'tensor<?x8x4xf32>'}}
  %0 = dale.max_pool %x size 3 stride 2 : tensor<?x8x4xf32> -> tensor<?x4x4xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x4xf32>) {
  // expected-error @+1 {{size and stride must be positive}}
  %0 = dale.max_pool %x size 0 stride 2 : tensor<?x8x8x4xf32> -> tensor<?x4x4x4xf32>
  return
}

// -----

// A pool rounds up, as `same` padding does.
func.func @f(%x: tensor<?x7x7x4xf32>) {
  // expected-error @+1 {{output must have type 'tensor<?x4x4x4xf32>', but has type 'tensor<?x3x3x4xf32>'}}
  %0 = dale.max_pool %x size 3 stride 2 : tensor<?x7x7x4xf32> -> tensor<?x3x3x4xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x4xf32>, %dy: tensor<?x4x4x4xf32>) {
  // expected-error @+1 {{result must have type 'tensor<?x8x8x4xf32>', but has type 'tensor<?x4x4x4xf32>'}}
  %0 = dale.max_pool_grad %x, %dy size 3 stride 2
      : tensor<?x8x8x4xf32>, tensor<?x4x4x4xf32> -> tensor<?x4x4x4xf32>
  return
}

// -----

func.func @f(%b: tensor<4xf32>) {
  // expected-error @+1 {{along the batch needs a batched tensor to be like}}
  %0 = dale.broadcast %b along [0] : tensor<4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @f(%b: tensor<4xf32>) {
  // expected-error @+1 {{along the batch needs a batched tensor to be like}}
  %0 = dale.broadcast %b along [0] like %b : tensor<4xf32>, tensor<4xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @f(%b: tensor<4xf32>) {
  // expected-error @+1 {{input must have type 'tensor<2xf32>', but has type 'tensor<4xf32>'}}
  %0 = dale.broadcast %b along [0] : tensor<4xf32> -> tensor<4x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3x4xf32>) {
  // expected-error @+1 {{dimensions must be distinct, in order, and less than the rank 3}}
  %0 = dale.reduce %x over [1, 0] : tensor<2x3x4xf32> -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3x4xf32>) {
  // expected-error @+1 {{dimensions must be distinct, in order, and less than the rank 3}}
  %0 = dale.reduce %x over [1, 1] : tensor<2x3x4xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3x4xf32>) {
  // expected-error @+1 {{dimensions must be distinct, in order, and less than the rank 3}}
  %0 = dale.reduce %x over [3] : tensor<2x3x4xf32> -> tensor<2x3x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3x4xf32>) {
  // expected-error @+1 {{result must have type 'tensor<4xf32>', but has type 'tensor<3xf32>'}}
  %0 = dale.reduce %x over [0, 1] : tensor<2x3x4xf32> -> tensor<3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x4xf32>, %a: tensor<2xf32>) {
  // expected-error @+1 {{accumulator must have the result's type 'tensor<4xf32>', but has type 'tensor<2xf32>'}}
  %0 = dale.reduce %x acc %a over [0] : tensor<2x4xf32>, tensor<2xf32> -> tensor<4xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Norms, loss, images
//===----------------------------------------------------------------------===//

func.func @f(%x: tensor<4xf32>, %s: tensor<4xf32>, %n: tensor<f32>) {
  // expected-error @+1 {{input must have a batch and a channel dimension}}
  %y, %m, %v = dale.batch_norm %x, %s, %s count %n epsilon 1.0e-5
      : tensor<4xf32>, tensor<4xf32>, tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<?x4xf32>, %s: tensor<4xf32>, %n: tensor<1xf32>) {
  // expected-error @+1 {{count must have rank 0, but has type 'tensor<1xf32>'}}
  %y, %m, %v = dale.batch_norm %x, %s, %s count %n epsilon 1.0e-5
      : tensor<?x4xf32>, tensor<4xf32>, tensor<1xf32>
  return
}

// -----

func.func @f(%x: tensor<?x8x8x4xf32>, %s: tensor<8xf32>, %n: tensor<f32>) {
  // expected-error @+1 {{scale must have type 'tensor<4xf32>', but has type 'tensor<8xf32>'}}
  %dx, %ds, %do = dale.batch_norm_grad %x, %x, %s, %s, %s count %n epsilon 1.0e-5
      : tensor<?x8x8x4xf32>, tensor<8xf32>, tensor<f32>
  return
}

// -----

func.func @f(%logits: tensor<?x8x10xf32>, %labels: tensor<?xi32>) {
  // expected-error @+1 {{logits must have rank 2, but has type 'tensor<?x8x10xf32>'}}
  %0 = dale.softmax_cross_entropy %logits, %labels
      : tensor<?x8x10xf32>, tensor<?xi32> -> tensor<?xf32>
  return
}

// -----

func.func @f(%logits: tensor<?x10xf32>, %labels: tensor<?x10xi32>) {
  // expected-error @+1 {{labels must have type 'tensor<?xi32>', but has type 'tensor<?x10xi32>'}}
  %0 = dale.softmax_cross_entropy %logits, %labels
      : tensor<?x10xf32>, tensor<?x10xi32> -> tensor<?xf32>
  return
}

// -----

func.func @f(%d: tensor<f32>, %logits: tensor<?x10xf32>, %labels: tensor<?xi32>) {
  // expected-error @+1 {{cotangent must have type 'tensor<?xf32>', but has type 'tensor<f32>'}}
  %0 = dale.softmax_cross_entropy_grad %d, %logits, %labels
      : tensor<f32>, tensor<?x10xf32>, tensor<?xi32> -> tensor<?x10xf32>
  return
}

// -----

func.func @f(%bytes: tensor<1x?x8x8x3xi8>, %picks: tensor<?xi32>, %draws: tensor<?x2xi32>) {
  // expected-error @+1 {{draws must have type 'tensor<?x3xi32>', but has type 'tensor<?x2xi32>'}}
  %0 = dale.crop %bytes[%picks], %draws pad 4
      : tensor<1x?x8x8x3xi8>, tensor<?xi32>, tensor<?x2xi32> -> tensor<?x8x8x3xf32>
  return
}

// -----

func.func @f(%bytes: tensor<1x?x8x8x3xi8>, %picks: tensor<?xi32>, %draws: tensor<?x3xi32>) {
  // expected-error @+1 {{bytes must have type 'tensor<1x?x6x6x3xi8>', but has type 'tensor<1x?x8x8x3xi8>'}}
  %0 = dale.crop %bytes[%picks], %draws pad 4
      : tensor<1x?x8x8x3xi8>, tensor<?xi32>, tensor<?x3xi32> -> tensor<?x6x6x3xf32>
  return
}

// -----

// A batch of images is not what a batch's images are chosen from.
func.func @f(%bytes: tensor<?x8x8x3xi8>, %picks: tensor<?xi32>, %draws: tensor<?x3xi32>) {
  // expected-error @+1 {{bytes must have type 'tensor<1x?x8x8x3xi8>', but has type 'tensor<?x8x8x3xi8>'}}
  %0 = dale.crop %bytes[%picks], %draws pad 4
      : tensor<?x8x8x3xi8>, tensor<?xi32>, tensor<?x3xi32> -> tensor<?x8x8x3xf32>
  return
}

// -----

func.func @f(%bytes: tensor<1x?x8x8x3xi8>, %picks: tensor<?xi32>, %draws: tensor<?x3xi32>) {
  // expected-error @+1 {{result must have type 'tensor<?x8x8x3xf32>', but has type 'tensor<4x8x8x3xf32>'}}
  %0 = dale.crop %bytes[%picks], %draws pad 4
      : tensor<1x?x8x8x3xi8>, tensor<?xi32>, tensor<?x3xi32> -> tensor<4x8x8x3xf32>
  return
}

// -----

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

func.func @f(%x: tensor<?x4xf32>) {
  // expected-error @+1 {{must have one block argument for each input}}
  dale.stage ins(%x : tensor<?x4xf32>) {
  }
  return
}

// -----

func.func @f(%x: tensor<?x4xf32>) {
  // expected-error @+1 {{block argument of an input of type 'tensor<?x4xf32>' must have type 'tensor<1x4xf32>', but has type 'tensor<4xf32>'}}
  dale.stage ins(%x : tensor<?x4xf32>) {
  ^bb0(%x1: tensor<4xf32>):
  }
  return
}

// -----

func.func @f(%x: tensor<?x4xf32>) {
  // expected-error @+1 {{must yield one value for each result}}
  %0 = dale.stage ins(%x : tensor<?x4xf32>) {
  ^bb0(%x1: tensor<1x4xf32>):
    dale.yield
  } -> tensor<?x4xf32>
  return
}

// -----

func.func @f(%x: tensor<?x4xf32>) {
  %0 = dale.stage ins(%x : tensor<?x4xf32>) {
  ^bb0(%x1: tensor<1x4xf32>):
    // expected-error @+1 {{a result of type 'tensor<4xf32>' needs a value of type 'tensor<4xf32>', not 'tensor<1x4xf32>'}}
    dale.yield %x1 : tensor<1x4xf32>
  } -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error @+1 {{over images needs a batched input}}
  dale.stage ins(%x : tensor<4xf32>) {
  ^bb0(%x1: tensor<4xf32>):
  }
  return
}

// -----

func.func @f(%x: tensor<?x4xf32>) {
  // expected-error @+1 {{that runs once cannot have batched tensors}}
  dale.stage once ins(%x : tensor<?x4xf32>) {
  ^bb0(%x1: tensor<1x4xf32>):
  }
  return
}

// -----

func.func @f(%x: tensor<1x4xf32>) {
  // expected-error @+1 {{that runs once cannot have batched tensors}}
  %0 = dale.stage once ins(%x : tensor<1x4xf32>) {
  ^bb0(%x1: tensor<1x4xf32>):
    dale.yield %x1 : tensor<1x4xf32>
  } -> tensor<?x4xf32>
  return
}

// -----

// A stage sees only its inputs.
func.func @f(%x: tensor<?x4xf32>, %y: tensor<1x4xf32>) {
  // expected-note @+1 {{required by region isolation constraints}}
  %0 = dale.stage ins(%x : tensor<?x4xf32>) {
  ^bb0(%x1: tensor<1x4xf32>):
    // expected-error @+1 {{using value defined outside the region}}
    dale.yield %y : tensor<1x4xf32>
  } -> tensor<?x4xf32>
  return
}

// -----

func.func @f(%x: tensor<?x4xf32>) {
  // expected-note @+2 {{the absence of terminator implies 'dale.yield'}}
  // expected-error @+1 {{expects regions to end with 'dale.yield', found 'llvm.unreachable'}}
  dale.stage ins(%x : tensor<?x4xf32>) {
  ^bb0(%x1: tensor<1x4xf32>):
    "llvm.unreachable"() : () -> ()
  }
  return
}

// -----

func.func @f() {
  // expected-error @+1 {{expects parent op 'dale.stage'}}
  dale.yield
}

// -----

func.func @f(%x: tensor<?x4x4x2xf32>) {
  // expected-error @+1 {{has pixels outside of the larger map}}
  %0 = dale.spread %x at 1, 0 stride 2 : tensor<?x4x4x2xf32> -> tensor<?x7x7x2xf32>
  return
}

// -----

func.func @f(%x: tensor<?x4x4x2xf32>) {
  // expected-error @+1 {{must keep the batch and the channels}}
  %0 = dale.sample %x at 0, 0 stride 2 : tensor<?x4x4x2xf32> -> tensor<?x2x2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<?x4x4x2xf32>) {
  // expected-error @+1 {{has a result of 5 channels, but its maps have 4}}
  %0 = dale.join %x, %x : tensor<?x4x4x2xf32>, tensor<?x4x4x2xf32> -> tensor<?x4x4x5xf32>
  return
}

// -----

func.func @f(%x: tensor<?x4x4x2xf32>) {
  // expected-error @+1 {{takes 2 channels from 1 on, of 2}}
  %0 = dale.channels %x from 1 : tensor<?x4x4x2xf32> -> tensor<?x4x4x2xf32>
  return
}

// -----

func.func @f(%keys: tensor<?xi32>) {
  // expected-error @+1 {{keep must be more than 0 and at most 1}}
  %0 = dale.dropout_mask %keys salt 0 keep 0.0 : tensor<?xi32> -> tensor<?x4x4x2xf32>
  return
}

// -----

func.func @f(%x: tensor<?x4x4x2xf32>) {
  // expected-error @+1 {{takes 1 channels from 9223372036854775807 on, of 2}}
  %0 = dale.channels %x from 9223372036854775807 : tensor<?x4x4x2xf32> -> tensor<?x4x4x1xf32>
  return
}

// -----

func.func @f(%x: tensor<?x4x4x2xf32>, %k: tensor<3x3x2xf32>) {
  // expected-error @+1 {{padding must be smaller than the kernel}}
  %0 = dale.depthwise_conv %x, %k padding [3, 3, 3, 3]
      : tensor<?x4x4x2xf32>, tensor<3x3x2xf32> -> tensor<?x8x8x2xf32>
  return
}

// -----

func.func @f(%x: tensor<?x4x4x2xf32>, %k: tensor<0x0x2xf32>) {
  // expected-error @+1 {{has a tensor without elements, 'tensor<0x0x2xf32>'}}
  %0 = dale.depthwise_conv %x, %k padding [0, 0, 0, 0]
      : tensor<?x4x4x2xf32>, tensor<0x0x2xf32> -> tensor<?x5x5x2xf32>
  return
}
