// The whole lowering to the CPU leaves nothing but LLVM, OpenMP, and the
// variables, which the executable's description lists.
// RUN: dale-opt %s --dale-lower-cpu --mlir-print-op-generic --mlir-print-local-scope -o %t
// RUN: FileCheck %s < %t
// RUN: FileCheck %s --check-prefix=ONLY --implicit-check-not='{{^ *(%[^ ]+ = )?"(arith|bufferization|cf|func|linalg|math|memref|scf|tensor|ub|vector)\.}}' < %t
// ONLY:      "builtin.module"

// CHECK:      "llvm.mlir.global"() <{{.*}}sym_name = "__constant_8xf32", value = dense<5.000000e-01>
// CHECK:      "dale.variable"() <{
// CHECK-DAG:  sym_name = "dale_evaluate"
// CHECK-DAG:  dale.workspace = {fixed = {{[0-9]+}} : i64, per_image = {{[0-9]+}} : i64, per_thread = {{[0-9]+}} : i64}
// CHECK-DAG:  sym_name = "_mlir_ciface_dale_evaluate"
// CHECK-DAG:  "omp.parallel"
// CHECK-DAG:  "omp.wsloop"
// CHECK-DAG:  "llvm.intr.fma"({{.*}}){{.*}} : (vector<8xf32>
dale.variable @w parameter at 0 : tensor<8x8xf32> init #dale.constant<0.0>
func.func @evaluate(%theta: tensor<64xf32> {dale.buffer = "parameters"},
                    %x: tensor<?x4x4x8xf32> {dale.buffer = "images"})
    -> (tensor<?x8xf32> {dale.buffer = "logits"}) {
  %w:2 = call @weights(%theta) : (tensor<64xf32>) -> (tensor<8x8xf32>, tensor<8xf32>)
  %y = call @images(%x, %w#0) : (tensor<?x4x4x8xf32>, tensor<8x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
func.func private @weights(%theta: tensor<64xf32>) -> (tensor<8x8xf32>, tensor<8xf32>) {
  %0:2 = dale.stage once ins(%theta : tensor<64xf32>) {
  ^bb0(%t: tensor<64xf32>):
    %w = dale.read @w of %t : tensor<64xf32> -> tensor<8x8xf32>
    %abs = math.absf %w : tensor<8x8xf32>
    %constant = arith.constant dense<0.5> : tensor<8xf32>
    dale.yield %abs, %constant : tensor<8x8xf32>, tensor<8xf32>
  } -> tensor<8x8xf32>, tensor<8xf32>
  return %0#0, %0#1 : tensor<8x8xf32>, tensor<8xf32>
}
func.func private @images(%x: tensor<?x4x4x8xf32>, %w: tensor<8x8xf32>) -> tensor<?x8xf32> {
  %0 = dale.stage ins(%x, %w : tensor<?x4x4x8xf32>, tensor<8x8xf32>) {
  ^bb0(%x1: tensor<1x4x4x8xf32>, %w1: tensor<8x8xf32>):
    %y1 = dale.pointwise_conv %x1, %w1
        : tensor<1x4x4x8xf32>, tensor<8x8xf32> -> tensor<1x4x4x8xf32>
    %z1 = dale.sigmoid %y1 : tensor<1x4x4x8xf32>
    %s1 = dale.reduce %z1 over [1, 2] : tensor<1x4x4x8xf32> -> tensor<1x8xf32>
    dale.yield %s1 : tensor<1x8xf32>
  } -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}
