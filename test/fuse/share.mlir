// Sums in the order in which their terms are known, shared, and accumulated.
// RUN: dale-opt %s --dale-share | FileCheck %s

// The bias is known first, then what the images give, then what depends on that;
// each product adds to the sum so far.
// CHECK-LABEL: func.func @order(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32>, %[[B:[a-z0-9]+]]: tensor<4xf32>, %[[V:[a-z0-9]+]]: tensor<4x4xf32>, %[[W:[a-z0-9]+]]: tensor<4x4xf32>
// CHECK-NEXT: %[[R:.*]] = dale.sigmoid %[[X]]
// CHECK-NEXT: %[[BIAS:.*]] = dale.broadcast %[[B]]
// CHECK-NEXT: %[[A:.*]] = dale.pointwise_conv %[[X]], %[[V]] acc %[[BIAS]]
// CHECK-NEXT: %[[T:.*]] = dale.pointwise_conv %[[R]], %[[W]] acc %[[A]]
// CHECK-NEXT: return %[[T]]
func.func @order(%x: tensor<?x4xf32>, %b: tensor<4xf32>, %v: tensor<4x4xf32>,
                 %w: tensor<4x4xf32>) -> tensor<?x4xf32> {
  %r = dale.sigmoid %x : tensor<?x4xf32>
  %c = dale.pointwise_conv %r, %w : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %a = dale.pointwise_conv %x, %v : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  // What a broadcast is like does not make it late.
  %bias = dale.broadcast %b along [0] like %r : tensor<4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %s = arith.addf %c, %a : tensor<?x4xf32>
  %t = arith.addf %s, %bias : tensor<?x4xf32>
  return %t : tensor<?x4xf32>
}

// Two time steps: the input's projection and the bias are added up once.
// CHECK-LABEL: func.func @steps(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32>, %[[B:[a-z0-9]+]]: tensor<4xf32>, %[[V:[a-z0-9]+]]: tensor<4x4xf32>, %[[W:[a-z0-9]+]]: tensor<4x4xf32>
// CHECK-NEXT: %[[BIAS:.*]] = dale.broadcast %[[B]]
// CHECK-NEXT: %[[INPUT:.*]] = dale.pointwise_conv %[[X]], %[[V]] acc %[[BIAS]]
// CHECK-NEXT: %[[E1:.*]] = dale.sigmoid %[[INPUT]]
// CHECK-NEXT: %[[S2:.*]] = dale.pointwise_conv %[[E1]], %[[W]] acc %[[INPUT]]
// CHECK-NEXT: %[[E2:.*]] = dale.sigmoid %[[S2]]
// CHECK-NEXT: %[[S3:.*]] = dale.pointwise_conv %[[E2]], %[[W]] acc %[[INPUT]]
// CHECK-NEXT: return %[[S3]]
func.func @steps(%x: tensor<?x4xf32>, %b: tensor<4xf32>, %v: tensor<4x4xf32>,
                 %w: tensor<4x4xf32>) -> tensor<?x4xf32> {
  %bias = dale.broadcast %b along [0] like %x : tensor<4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %i1 = dale.pointwise_conv %x, %v : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %s1 = arith.addf %i1, %bias : tensor<?x4xf32>
  %e1 = dale.sigmoid %s1 : tensor<?x4xf32>
  %i2 = dale.pointwise_conv %x, %v : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %r2 = dale.pointwise_conv %e1, %w : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %p2 = arith.addf %i2, %r2 : tensor<?x4xf32>
  %s2 = arith.addf %p2, %bias : tensor<?x4xf32>
  %e2 = dale.sigmoid %s2 : tensor<?x4xf32>
  %i3 = dale.pointwise_conv %x, %v : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %r3 = dale.pointwise_conv %e2, %w : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %p3 = arith.addf %bias, %r3 : tensor<?x4xf32>
  %s3 = arith.addf %p3, %i3 : tensor<?x4xf32>
  return %s3 : tensor<?x4xf32>
}

// What is subtracted keeps its sign, also inside of what is subtracted, and is
// subtracted from a term that is added.
// CHECK-LABEL: func.func @signs(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32>, %[[W:[a-z0-9]+]]: tensor<4x4xf32>
// CHECK-NEXT: %[[P:.*]] = dale.sigmoid %[[X]]
// CHECK-NEXT: %[[Q:.*]] = dale.sigmoid %[[P]]
// CHECK-NEXT: %[[R:.*]] = dale.sigmoid %[[Q]]
// CHECK-NEXT: %[[C:.*]] = dale.pointwise_conv %[[R]], %[[W]]
// CHECK-NEXT: %[[S0:.*]] = arith.subf %[[Q]], %[[P]]
// CHECK-NEXT: %[[S1:.*]] = arith.addf %[[S0]], %[[R]]
// CHECK-NEXT: %[[S2:.*]] = arith.subf %[[S1]], %[[C]]
// CHECK-NEXT: return %[[S2]]
func.func @signs(%x: tensor<?x4xf32>, %w: tensor<4x4xf32>) -> tensor<?x4xf32> {
  %p = dale.sigmoid %x : tensor<?x4xf32>
  %q = dale.sigmoid %p : tensor<?x4xf32>
  %r = dale.sigmoid %q : tensor<?x4xf32>
  %c = dale.pointwise_conv %r, %w : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  // r − ((p − q) + c) = −p + q + r − c
  %0 = arith.subf %p, %q : tensor<?x4xf32>
  %1 = arith.addf %0, %c : tensor<?x4xf32>
  %2 = arith.subf %r, %1 : tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// A partial sum that something else uses stays one value, as late as it was.
// CHECK-LABEL: func.func @shared_partial_sum(
// CHECK:      %[[A:.*]] = dale.sigmoid %{{.*}}
// CHECK-NEXT: %[[R:.*]] = dale.sigmoid %[[A]]
// CHECK-NEXT: %[[S:.*]] = arith.addf %[[A]], %[[R]]
// CHECK-NEXT: %[[Q:.*]] = dale.sigmoid %[[S]]
// CHECK-NEXT: %[[AQ:.*]] = arith.addf %[[A]], %[[S]]
// CHECK-NEXT: %[[T:.*]] = arith.addf %[[AQ]], %[[Q]]
// CHECK-NEXT: return %[[T]]
func.func @shared_partial_sum(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %a = dale.sigmoid %x : tensor<?x4xf32>
  %r = dale.sigmoid %a : tensor<?x4xf32>
  %s = arith.addf %r, %a : tensor<?x4xf32>
  %q = dale.sigmoid %s : tensor<?x4xf32>
  %0 = arith.addf %q, %s : tensor<?x4xf32>
  %t = arith.addf %0, %a : tensor<?x4xf32>
  return %t : tensor<?x4xf32>
}

// No accumulator where the product has another use, and no second one.
// CHECK-LABEL: func.func @no_accumulator(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32>, %[[Y:[a-z0-9]+]]: tensor<?x4xf32>
// CHECK-NEXT: %[[A:.*]] = dale.pointwise_conv %[[X]], %{{.*}} : tensor<?x4xf32>, tensor<4x4xf32> ->
// CHECK-NEXT: %[[S:.*]] = arith.addf %[[Y]], %[[A]]
// CHECK-NEXT: %[[B:.*]] = dale.pointwise_conv %[[X]], %{{.*}} acc %[[A]]
// CHECK-NEXT: %[[T:.*]] = arith.addf %[[Y]], %[[B]]
// CHECK-NEXT: return %[[S]], %[[T]]
func.func @no_accumulator(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>, %w: tensor<4x4xf32>)
    -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %a = dale.pointwise_conv %x, %w : tensor<?x4xf32>, tensor<4x4xf32> -> tensor<?x4xf32>
  %s = arith.addf %a, %y : tensor<?x4xf32>
  %b = dale.pointwise_conv %x, %w acc %a
      : tensor<?x4xf32>, tensor<4x4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %t = arith.addf %b, %y : tensor<?x4xf32>
  return %s, %t : tensor<?x4xf32>, tensor<?x4xf32>
}

// Sums of what all images share, as of a kernel's gradients, are left alone.
// CHECK-LABEL: func.func @no_images(
// CHECK:      %[[A:.*]] = dale.pointwise_filter_grad
// CHECK-NEXT: %[[B:.*]] = dale.pointwise_filter_grad
// CHECK-NEXT: arith.addf %[[B]], %[[A]] : tensor<4x4xf32>
func.func @no_images(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<4x4xf32> {
  %a = dale.pointwise_filter_grad %x, %y : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<4x4xf32>
  %b = dale.pointwise_filter_grad %y, %x : tensor<?x4xf32>, tensor<?x4xf32> -> tensor<4x4xf32>
  %s = arith.addf %b, %a : tensor<4x4xf32>
  return %s : tensor<4x4xf32>
}
