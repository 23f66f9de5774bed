// Threads take the chunks of a batch as they get free.
// RUN: dale-opt %s --convert-scf-to-openmp --dale-schedule-chunks | FileCheck %s

// CHECK-LABEL: func.func @chunks(
// CHECK:         omp.parallel
// CHECK:           omp.wsloop schedule(dynamic, nonmonotonic)
// CHECK:             memref.store
func.func @chunks(%x: memref<32xf32>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c32 = arith.constant 32 : index
  scf.parallel (%chunk) = (%c0) to (%c32) step (%c1) {
    memref.store %zero, %x[%chunk] : memref<32xf32>
    scf.reduce
  }
  return
}
