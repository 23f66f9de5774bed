// Functions that cannot be entry points.
// RUN: dale-opt %s --dale-lower-stages --split-input-file --verify-diagnostics
// RUN: not dale-opt %s --dale-lower-stages=chunks=0 --split-input-file 2>&1 | FileCheck %s
// CHECK: error: chunks and sum-parts must be positive
// RUN: not dale-opt %s --dale-lower-stages=apart=32 --split-input-file 2>&1 | FileCheck %s --check-prefix=APART
// APART: error: apart must be a multiple of 64 bytes

func.func @evaluate(%x: tensor<?x4xf32> {dale.buffer = "images"})
    -> (tensor<?x4xf32> {dale.buffer = "logits"}) {
  // expected-error @+1 {{must be a call of a stage in an entry point}}
  %0 = arith.negf %x : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

func.func private @elsewhere(tensor<?x4xf32>) -> tensor<?x4xf32>
func.func @evaluate(%x: tensor<?x4xf32> {dale.buffer = "images"})
    -> (tensor<?x4xf32> {dale.buffer = "logits"}) {
  // expected-error @+1 {{must be a call of a stage in an entry point}}
  %0 = call @elsewhere(%x) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

// expected-error @+1 {{argument 0 needs the attribute 'dale.buffer' with the name of one of the function's buffers}}
func.func @evaluate(%x: tensor<?x4xf32>) -> (tensor<?x4xf32> {dale.buffer = "logits"}) {
  return %x : tensor<?x4xf32>
}

// -----

// Buffers are those of this entry point: @evaluate has no labels.
// expected-error @+1 {{argument 1 needs the attribute 'dale.buffer'}}
func.func @evaluate(%x: tensor<?x4xf32> {dale.buffer = "images"},
                    %y: tensor<?xi32> {dale.buffer = "labels"})
    -> (tensor<?x4xf32> {dale.buffer = "logits"}) {
  return %x : tensor<?x4xf32>
}

// -----

// expected-error @+1 {{result 1 needs the attribute 'dale.buffer'}}
func.func @evaluate(%x: tensor<?x4xf32> {dale.buffer = "images"})
    -> (tensor<?x4xf32> {dale.buffer = "logits"}, tensor<?x4xf32>) {
  return %x, %x : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// Functions of another name are no entry points.
func.func @other(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = arith.negf %x : tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

// Callers pass a stage's operands in order.
// expected-error @+1 {{must be one stage of its arguments, which gives its results, as dale-outline-stages makes it}}
func.func private @exchanged(%a: tensor<?x4xf32>, %b: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = dale.stage ins(%b, %a : tensor<?x4xf32>, tensor<?x4xf32>) {
  ^bb0(%b1: tensor<1x4xf32>, %a1: tensor<1x4xf32>):
    %1 = arith.subf %a1, %b1 : tensor<1x4xf32>
    dale.yield %1 : tensor<1x4xf32>
  } -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

func.func private @stage(%a: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = dale.stage ins(%a : tensor<?x4xf32>) {
  ^bb0(%b: tensor<1x4xf32>):
    %1 = arith.addf %b, %b : tensor<1x4xf32>
    dale.yield %1 : tensor<1x4xf32>
  } -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
// expected-error @+1 {{result 0 needs the attribute 'dale.buffer' with the name of one of the function's buffers}}
func.func @evaluate(%a: tensor<?x4xf32> {dale.buffer = "images"})
    -> (tensor<?x4xf32> {dale.buffer = "count"}) {
  %0 = call @stage(%a) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

func.func private @stage(%a: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = dale.stage ins(%a : tensor<?x4xf32>) {
  ^bb0(%b: tensor<1x4xf32>):
    dale.yield %b : tensor<1x4xf32>
  } -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
// expected-error @+1 {{result 0 needs an integer of at least 0 as its 'dale.offset'}}
func.func @evaluate(%a: tensor<?x4xf32> {dale.buffer = "images"})
    -> (tensor<?x4xf32> {dale.buffer = "logits", dale.offset = -4}) {
  %0 = call @stage(%a) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}
