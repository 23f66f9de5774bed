// A function is cut into stages.
// RUN: dale-opt %s --dale-fuse=max-operations-per-byte=6 | FileCheck %s
// RUN: dale-opt %s --dale-fuse=max-operations-per-byte=0 | FileCheck %s --check-prefix=STORE
// RUN: dale-opt %s --dale-fuse=max-operations-per-byte=2 | FileCheck %s --check-prefix=STORE
// RUN: dale-opt %s --dale-fuse=fuse=false | FileCheck %s --check-prefix=APART

// The cut is where the batch is summed over. What needs no image comes first;
// the arithmetic on sums runs once, between the images.
// CHECK-LABEL: func.func @cut(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x8x8x16xf32>, %[[W:[a-z0-9]+]]: tensor<16x16xf32>, %[[S:[a-z0-9]+]]: tensor<16xf32>)
// CHECK-NEXT: %[[T:.*]] = dale.stage once ins(%[[W]] : tensor<16x16xf32>) {
// CHECK-NEXT: ^bb0(%[[W1:.*]]: tensor<16x16xf32>):
// CHECK-NEXT:   %[[T1:.*]] = dale.transpose %[[W1]]
// CHECK-NEXT:   dale.yield %[[T1]]
// CHECK-NEXT: } -> tensor<16x16xf32>
// CHECK-NEXT: %[[Y:.*]]:2 = dale.stage ins(%[[X]], %[[T]] : tensor<?x8x8x16xf32>, tensor<16x16xf32>) {
// CHECK-NEXT: ^bb0(%[[X1:.*]]: tensor<1x8x8x16xf32>, %[[T1:.*]]: tensor<16x16xf32>):
// CHECK-NEXT:   %[[Y1:.*]] = dale.pointwise_conv %[[X1]], %[[T1]] : tensor<1x8x8x16xf32>, tensor<16x16xf32> -> tensor<1x8x8x16xf32>
// CHECK-NEXT:   %[[SUM1:.*]] = dale.reduce %[[Y1]] over [0, 1, 2] : tensor<1x8x8x16xf32> -> tensor<16xf32>
// CHECK-NEXT:   dale.yield %[[Y1]], %[[SUM1]]
// CHECK-NEXT: } -> tensor<?x8x8x16xf32>, tensor<16xf32>
// CHECK-NEXT: %[[A:.*]] = dale.stage once ins(%[[Y]]#1, %[[S]] : tensor<16xf32>, tensor<16xf32>) {
// CHECK:        arith.mulf %{{.*}}, %{{.*}} : tensor<16xf32>
// CHECK:      } -> tensor<16xf32>
// CHECK-NEXT: %[[Z:.*]] = dale.stage ins(%[[A]], %[[Y]]#0 : tensor<16xf32>, tensor<?x8x8x16xf32>) {
// CHECK-NEXT: ^bb0(%[[A1:.*]]: tensor<16xf32>, %[[Y1:.*]]: tensor<1x8x8x16xf32>):
// CHECK-NEXT:   %[[AS1:.*]] = dale.broadcast %[[A1]] along [0, 1, 2] : tensor<16xf32> -> tensor<1x8x8x16xf32>
// CHECK-NEXT:   %[[Z1:.*]] = arith.mulf %[[Y1]], %[[AS1]] : tensor<1x8x8x16xf32>
// CHECK-NEXT:   dale.yield %[[Z1]]
// CHECK-NEXT: } -> tensor<?x8x8x16xf32>
// CHECK-NEXT: return %[[Z]]

// With fuse=false every op is a stage, in the order of the function.
// APART-LABEL: func.func @cut(
// APART:      dale.stage once
// APART:        dale.transpose
// APART-NEXT:   dale.yield
// APART:      dale.stage ins
// APART:        dale.pointwise_conv
// APART-NEXT:   dale.yield %{{.*}} : tensor<1x8x8x16xf32>
// APART:      dale.stage ins
// APART:        dale.reduce
// APART-NEXT:   dale.yield
// APART:      dale.stage once
// APART:        arith.mulf
// APART-NEXT:   dale.yield
// APART:      dale.stage ins
// APART:        dale.broadcast
// APART-NEXT:   dale.yield
// APART:      dale.stage ins
// APART:        arith.mulf
// APART-NEXT:   dale.yield
// APART-NOT:  dale.stage
// APART:      return
func.func @cut(%x: tensor<?x8x8x16xf32>, %w: tensor<16x16xf32>, %s: tensor<16xf32>)
    -> tensor<?x8x8x16xf32> {
  %t = dale.transpose %w : tensor<16x16xf32> -> tensor<16x16xf32>
  %y = dale.pointwise_conv %x, %t
      : tensor<?x8x8x16xf32>, tensor<16x16xf32> -> tensor<?x8x8x16xf32>
  %sum = dale.reduce %y over [0, 1, 2] : tensor<?x8x8x16xf32> -> tensor<16xf32>
  %a = arith.mulf %sum, %s : tensor<16xf32>
  %as = dale.broadcast %a along [0, 1, 2] like %y
      : tensor<16xf32>, tensor<?x8x8x16xf32> -> tensor<?x8x8x16xf32>
  %z = arith.mulf %y, %as : tensor<?x8x8x16xf32>
  return %z : tensor<?x8x8x16xf32>
}

// What is cheap is not stored for a later stage, but computed there again, with
// its constants, and not before it is needed.
// CHECK-LABEL: func.func @recompute(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32>
// CHECK-NEXT: %[[SUM:.*]] = dale.stage ins(%[[X]] : tensor<?x4xf32>) {
// CHECK:        arith.maximumf
// CHECK-NEXT:   %[[SUM1:.*]] = dale.reduce
// CHECK-NEXT:   dale.yield %[[SUM1]] : tensor<4xf32>
// CHECK:      dale.stage ins(%[[SUM]], %[[X]] : tensor<4xf32>, tensor<?x4xf32>) {
// CHECK-NEXT: ^bb0(%[[SUM1:.*]]: tensor<4xf32>, %[[X1:.*]]: tensor<1x4xf32>):
// CHECK-NEXT:   %[[ZERO:.*]] = arith.constant dense<0.0{{.*}}> : tensor<1x4xf32>
// CHECK-NEXT:   %[[SUMS:.*]] = dale.broadcast %[[SUM1]]
// CHECK-NEXT:   %[[R1:.*]] = arith.maximumf %[[X1]], %[[ZERO]]
// CHECK-NEXT:   arith.subf %[[R1]], %[[SUMS]]

// Unless less may be computed again: 1 operation for 4 bytes, and 2 for each byte that
// goes through the caches.
// STORE-LABEL: func.func @recompute(
// STORE-COUNT-1: arith.maximumf
// STORE-NOT:   arith.maximumf
// STORE:       dale.yield %{{.*}}, %{{.*}} : tensor<1x4xf32>, tensor<4xf32>
// STORE-NOT:   arith.maximumf
// STORE:       return
func.func @recompute(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %zeros = dale.broadcast %zero along [0, 1] like %x : tensor<f32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %r = arith.maximumf %x, %zeros : tensor<?x4xf32>
  %sum = dale.reduce %r over [0] : tensor<?x4xf32> -> tensor<4xf32>
  %sums = dale.broadcast %sum along [0] like %x : tensor<4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %y = arith.subf %r, %sums : tensor<?x4xf32>
  return %y : tensor<?x4xf32>
}

// Not where two operands would have to be stored in place of one result.
// CHECK-LABEL: func.func @operands_are_larger(
// CHECK:      dale.stage ins
// CHECK:        %[[A1:.*]] = dale.pointwise_conv
// CHECK-NEXT:   %[[B1:.*]] = dale.pointwise_conv
// CHECK-NEXT:   %[[C1:.*]] = arith.mulf %[[A1]], %[[B1]]
// CHECK-NEXT:   %[[SUM1:.*]] = dale.reduce %[[C1]]
// CHECK-NEXT:   dale.yield %[[C1]], %[[SUM1]] : tensor<1x16xf32>, tensor<16xf32>
// CHECK:      dale.stage ins
// CHECK-NOT:    arith.mulf
// CHECK:        arith.subf
func.func @operands_are_larger(%x: tensor<?x16xf32>, %v: tensor<16x16xf32>,
                               %w: tensor<16x16xf32>) -> tensor<?x16xf32> {
  %a = dale.pointwise_conv %x, %v : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
  %b = dale.pointwise_conv %x, %w : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
  %c = arith.mulf %a, %b : tensor<?x16xf32>
  %sum = dale.reduce %c over [0] : tensor<?x16xf32> -> tensor<16xf32>
  %sums = dale.broadcast %sum along [0] like %x : tensor<16xf32>, tensor<?x16xf32> -> tensor<?x16xf32>
  %y = arith.subf %c, %sums : tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// Nor where more would be read than it takes to store the value and read it: a store
// moves a line of the cache there and back.
// CHECK-LABEL: func.func @more_is_read(
// CHECK:      dale.stage ins
// CHECK:        dale.yield %{{.*}}, %{{.*}} : tensor<1x16xf32>, tensor<16xf32>
// CHECK:      dale.stage ins
// CHECK-NOT:    arith.addf
// CHECK:        arith.subf
func.func @more_is_read(%a: tensor<?x16xf32>, %b: tensor<?x16xf32>, %c: tensor<?x16xf32>,
                        %d: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %ab = arith.addf %a, %b : tensor<?x16xf32>
  %abc = arith.addf %ab, %c : tensor<?x16xf32>
  %abcd = arith.addf %abc, %d : tensor<?x16xf32>
  %sum = dale.reduce %abcd over [0] : tensor<?x16xf32> -> tensor<16xf32>
  %sums = dale.broadcast %sum along [0] like %a : tensor<16xf32>, tensor<?x16xf32> -> tensor<?x16xf32>
  %y = arith.subf %abcd, %sums : tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// Where two values that are needed come from one, that one is stored.
// CHECK-LABEL: func.func @one_operand_for_two(
// CHECK:      dale.stage ins
// CHECK:        %[[A1:.*]] = dale.pointwise_conv
// CHECK:        dale.yield %[[A1]], %{{.*}} : tensor<1x16xf32>, tensor<16xf32>
// CHECK:      dale.stage ins
// CHECK-NOT:    dale.pointwise_conv
// CHECK:        math.absf
// CHECK:        arith.negf
func.func @one_operand_for_two(%x: tensor<?x16xf32>, %v: tensor<16x16xf32>) -> tensor<?x16xf32> {
  %a = dale.pointwise_conv %x, %v : tensor<?x16xf32>, tensor<16x16xf32> -> tensor<?x16xf32>
  %b = math.absf %a : tensor<?x16xf32>
  %c = arith.negf %a : tensor<?x16xf32>
  %bc = arith.mulf %b, %c : tensor<?x16xf32>
  %sum = dale.reduce %bc over [0] : tensor<?x16xf32> -> tensor<16xf32>
  %sums = dale.broadcast %sum along [0] like %x : tensor<16xf32>, tensor<?x16xf32> -> tensor<?x16xf32>
  %d = arith.subf %b, %sums : tensor<?x16xf32>
  %y = arith.mulf %c, %d : tensor<?x16xf32>
  return %y : tensor<?x16xf32>
}

// What is done once is done as late as possible: %s waits, and not its squares.
// The function's results are no stage's operands: they stay where they are.
// CHECK-LABEL: func.func @sink(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32>, %[[S:[a-z0-9]+]]: tensor<4xf32>)
// CHECK-NEXT: %[[N:.*]] = dale.stage once ins(%[[S]] : tensor<4xf32>) {
// CHECK:        arith.negf
// CHECK-NOT:    arith.mulf
// CHECK:      %[[SUM:.*]] = dale.stage ins(%[[X]] : tensor<?x4xf32>) {
// CHECK:      %[[Q:.*]] = dale.stage once ins(%[[S]], %[[SUM]] : tensor<4xf32>, tensor<4xf32>) {
// CHECK-NEXT: ^bb0(%[[S1:.*]]: tensor<4xf32>, %[[SUM1:.*]]: tensor<4xf32>):
// CHECK-NEXT:   %[[SQUARE:.*]] = arith.mulf %[[S1]], %[[S1]]
// CHECK-NEXT:   arith.mulf %[[SQUARE]], %[[SUM1]]
func.func @sink(%x: tensor<?x4xf32>, %s: tensor<4xf32>) -> (tensor<?x4xf32>, tensor<4xf32>) {
  %negative = arith.negf %s : tensor<4xf32>
  %squares = arith.mulf %s, %s : tensor<4xf32>
  %sum = dale.reduce %x over [0] : tensor<?x4xf32> -> tensor<4xf32>
  %q = arith.mulf %squares, %sum : tensor<4xf32>
  %qs = dale.broadcast %q along [0] like %x : tensor<4xf32>, tensor<?x4xf32> -> tensor<?x4xf32>
  %y = arith.subf %x, %qs : tensor<?x4xf32>
  return %y, %negative : tensor<?x4xf32>, tensor<4xf32>
}

// What a batch's sum adds to is added once, and not once for every image.
// CHECK-LABEL: func.func @sum_with_accumulator(
// CHECK: dale.stage ins
// CHECK: dale.reduce %{{.*}} over [0] :
// CHECK: dale.stage once
// CHECK: arith.addf
func.func @sum_with_accumulator(%x: tensor<?x4xf32>, %a: tensor<4xf32>) -> tensor<4xf32> {
  %sum = dale.reduce %x acc %a over [0] : tensor<?x4xf32>, tensor<4xf32> -> tensor<4xf32>
  return %sum : tensor<4xf32>
}

// What the batch's sum is added to is added once, after the last image.
// CHECK-LABEL: func.func @accumulator(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32>, %[[A:[a-z0-9]+]]: tensor<4xf32>)
// CHECK-NEXT: %[[SUM:.*]] = dale.stage ins(%[[X]] : tensor<?x4xf32>) {
// CHECK:        dale.reduce %{{.*}} over [0] : tensor<1x4xf32> -> tensor<4xf32>
// CHECK:      dale.stage once ins(%[[A]], %[[SUM]] : tensor<4xf32>, tensor<4xf32>) {
// CHECK:        arith.addf
func.func @accumulator(%x: tensor<?x4xf32>, %a: tensor<4xf32>) -> tensor<4xf32> {
  %sum = dale.reduce %x acc %a over [0] : tensor<?x4xf32>, tensor<4xf32> -> tensor<4xf32>
  return %sum : tensor<4xf32>
}

// There is nothing in a declaration to fuse.
// CHECK: func.func private @elsewhere(tensor<2xf32>)
func.func private @elsewhere(tensor<2xf32>)
