// How cotangents add up, and become the gradient of one flat buffer.
// RUN: dale-opt %s --dale-autodiff --canonicalize --split-input-file | FileCheck %s

// A value that several ops use gets the sum of what they send, the last one's
// first. The images are no parameters: nothing is sent to them.
// CHECK-LABEL: module @several_uses {
// CHECK:      func.func @train_step(%{{.*}}, %[[IMAGES:[a-z0-9]+]]: tensor<?x8x8x4xf32>, %[[P:[a-z0-9]+]]: tensor<?x8x8x6xf32>, %[[Q:[a-z0-9]+]]: tensor<?x8x8x6xf32>,
// CHECK:      %[[ONE:.*]] = arith.constant dense<1.0{{.*}}> : tensor<f32>
// CHECK:      %[[W:.*]] = dale.read @w
// CHECK-NEXT: %[[Y:.*]] = dale.pointwise_conv %[[IMAGES]], %[[W]]
// CHECK:      dale.reduce
// CHECK-NEXT: %[[G:.*]] = dale.broadcast %[[ONE]] along [0, 1, 2, 3] like
// CHECK-NEXT: %[[FROM_Q:.*]] = arith.mulf %[[G]], %[[Q]]
// CHECK-NEXT: %[[FROM_P:.*]] = arith.mulf %[[G]], %[[P]]
// CHECK-NEXT: %[[DY:.*]] = arith.addf %[[FROM_Q]], %[[FROM_P]]
// CHECK-NEXT: %[[DW:.*]] = dale.pointwise_filter_grad %[[IMAGES]], %[[DY]]
// CHECK-NEXT: dale.pack %[[DW]] : tensor<4x6xf32> as [@w] rows [-1] -> tensor<24xf32>
// CHECK-NOT:  dale.{{(conv|depthwise|pointwise|reduce|pack)}}
module @several_uses {
  dale.variable @w parameter at 0 : tensor<4x6xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<24xf32>, %images: tensor<?x8x8x4xf32>,
                     %p: tensor<?x8x8x6xf32>, %q: tensor<?x8x8x6xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.0} {
    %w = dale.read @w of %theta : tensor<24xf32> -> tensor<4x6xf32>
    %y = dale.pointwise_conv %images, %w
        : tensor<?x8x8x4xf32>, tensor<4x6xf32> -> tensor<?x8x8x6xf32>
    %yp = arith.mulf %y, %p : tensor<?x8x8x6xf32>
    %yq = arith.mulf %y, %q : tensor<?x8x8x6xf32>
    %sum = arith.addf %yp, %yq : tensor<?x8x8x6xf32>
    %loss = dale.reduce %sum over [0, 1, 2, 3] : tensor<?x8x8x6xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// Every read gives a pack of its own; their sum is one. What is read twice adds
// up in the pack, another row of the same variable does not.
// CHECK-LABEL: module @packs {
// CHECK:      func.func @train_step(%{{.*}}, %[[A:[a-z0-9]+]]: tensor<4xf32>, %[[B:[a-z0-9]+]]: tensor<4xf32>, %[[C:[a-z0-9]+]]: tensor<4xf32>, %[[D:[a-z0-9]+]]: tensor<4xf32>,
// CHECK:      dale.reduce
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[C]], %[[A]] : tensor<4xf32>
// CHECK-NEXT: %[[GRADIENT:.*]] = dale.pack %[[B]], %[[SUM]], %[[D]] : tensor<4xf32>, tensor<4xf32>, tensor<4xf32> as [@s, @s, @t] rows [1, 0, -1] -> tensor<12xf32>
// CHECK-NOT:  dale.pack
// CHECK:      return %{{.*}}, %[[GRADIENT]],
module @packs {
  dale.variable @s parameter at 0 : tensor<2x4xf32> init #dale.constant<0.0>
  dale.variable @t parameter at 8 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<12xf32>, %a: tensor<4xf32>, %b: tensor<4xf32>,
                     %c: tensor<4xf32>, %d: tensor<4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.0} {
    %t = dale.read @t of %theta : tensor<12xf32> -> tensor<4xf32>
    %s0 = dale.read @s[0] of %theta : tensor<12xf32> -> tensor<4xf32>
    %s1 = dale.read @s[1] of %theta : tensor<12xf32> -> tensor<4xf32>
    %again = dale.read @s[0] of %theta : tensor<12xf32> -> tensor<4xf32>
    %0 = arith.mulf %s0, %a : tensor<4xf32>
    %1 = arith.mulf %s1, %b : tensor<4xf32>
    %2 = arith.mulf %again, %c : tensor<4xf32>
    %3 = arith.mulf %t, %d : tensor<4xf32>
    %4 = arith.addf %0, %1 : tensor<4xf32>
    %5 = arith.addf %4, %2 : tensor<4xf32>
    %6 = arith.addf %5, %3 : tensor<4xf32>
    %loss = dale.reduce %6 over [0] : tensor<4xf32> -> tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// The packs come together also where the whole buffer is used, as by the squares
// of all parameters in a loss.
// CHECK-LABEL: module @whole_buffer {
// CHECK:      func.func @train_step(%[[THETA:[a-z0-9]+]]:
// CHECK:      %[[S:.*]] = dale.read @s
// CHECK-NEXT: %[[T:.*]] = dale.read @t
// CHECK:      %[[WHOLE:.*]] = arith.addf %[[THETA]], %[[THETA]]
// CHECK-NEXT: %[[PACK:.*]] = dale.pack %[[S]], %[[T]] : {{.*}} as [@t, @s] rows [-1, -1]
// CHECK-NEXT: %[[GRADIENT:.*]] = arith.addf %[[WHOLE]], %[[PACK]] : tensor<8xf32>
// CHECK-NOT:  dale.pack
// CHECK:      return %{{.*}}, %[[GRADIENT]],
module @whole_buffer {
  dale.variable @s parameter at 0 : tensor<4xf32> init #dale.constant<0.0>
  dale.variable @t parameter at 4 : tensor<4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<8xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.0} {
    %s = dale.read @s of %theta : tensor<8xf32> -> tensor<4xf32>
    %t = dale.read @t of %theta : tensor<8xf32> -> tensor<4xf32>
    %st = arith.mulf %s, %t : tensor<4xf32>
    %0 = dale.reduce %st over [0] : tensor<4xf32> -> tensor<f32>
    %squares = arith.mulf %theta, %theta : tensor<8xf32>
    %1 = dale.reduce %squares over [0] : tensor<8xf32> -> tensor<f32>
    %loss = arith.addf %0, %1 : tensor<f32>
    return %loss : tensor<f32>
  }
}

// -----

// A row and the whole of one variable overlap: they are two packs, and added.
// CHECK-LABEL: module @overlap {
// CHECK:      %[[ROW:.*]] = dale.pack %{{.*}} as [@s] rows [1]
// CHECK-NEXT: %[[WHOLE:.*]] = dale.pack %{{.*}} as [@s] rows [-1]
// CHECK-NEXT: arith.addf %[[ROW]], %[[WHOLE]] : tensor<8xf32>
module @overlap {
  dale.variable @s parameter at 0 : tensor<2x4xf32> init #dale.constant<0.0>
  func.func @forward(%theta: tensor<8xf32>, %g: tensor<2x4xf32>, %h: tensor<4xf32>) -> tensor<f32>
      attributes {dale.objective = 0, dale.wrt = 0, dale.momentum = 0.0} {
    %s = dale.read @s of %theta : tensor<8xf32> -> tensor<2x4xf32>
    %row = dale.read @s[1] of %theta : tensor<8xf32> -> tensor<4xf32>
    %sg = arith.mulf %s, %g : tensor<2x4xf32>
    %rh = arith.mulf %row, %h : tensor<4xf32>
    %0 = dale.reduce %sg over [0, 1] : tensor<2x4xf32> -> tensor<f32>
    %1 = dale.reduce %rh over [0] : tensor<4xf32> -> tensor<f32>
    %loss = arith.addf %0, %1 : tensor<f32>
    return %loss : tensor<f32>
  }
}
