// Vectors get the alignment that follows from where buffers, rows and columns
// begin.
// RUN: dale-opt %s --pass-pipeline="builtin.module(gpu.module(dale-align-accesses))" | FileCheck %s

// Both callers give %x aligned memory, one gives %y memory that begins 8 bytes
// behind it. Columns are multiples of 4 numbers.
// CHECK-LABEL: func.func private @add(
// CHECK-SAME: %[[X:.*]]: memref<4x8xf32>, %[[Y:.*]]: memref<4x8xf32>
// CHECK:      vector.load %[[X]][%{{.*}}, %{{.*}}] {alignment = 16 : i64}
// CHECK:      vector.load %[[Y]][%{{.*}}, %{{.*}}] {alignment = 8 : i64}
// CHECK:      vector.load %[[X]][%{{[^ ]*}}, %{{[^ ]*}}] :
// CHECK:      vector.store %{{.*}}, %[[X]][%{{.*}}, %{{.*}}] {alignment = 16 : i64}
gpu.module @circuit {
  func.func private @add(%x: memref<4x8xf32>, %y: memref<4x8xf32>, %n: index) attributes {dale.kernel} {
    %c4 = arith.constant 4 : index
    %j = arith.muli %n, %c4 : index
    %0 = vector.load %x[%n, %j] : memref<4x8xf32>, vector<4xf32>
    %1 = vector.load %y[%n, %j] : memref<4x8xf32>, vector<4xf32>
    %2 = vector.load %x[%n, %n] : memref<4x8xf32>, vector<4xf32>
    %3 = arith.addf %0, %1 : vector<4xf32>
    %4 = arith.addf %3, %2 : vector<4xf32>
    vector.store %4, %x[%n, %j] : memref<4x8xf32>, vector<4xf32>
    return
  }
  gpu.func @dale_evaluate(%workspace: memref<?xi8>) kernel {
    %i = gpu.block_id x
    %c0 = arith.constant 0 : index
    %c8 = arith.constant 8 : index
    %c192 = arith.constant 192 : index
    %part = arith.muli %i, %c192 : index
    %x = memref.view %workspace[%part][] : memref<?xi8> to memref<4x8xf32>
    %y = memref.view %workspace[%c8][] : memref<?xi8> to memref<4x8xf32>
    func.call @add(%x, %x, %i) : (memref<4x8xf32>, memref<4x8xf32>, index) -> ()
    func.call @add(%x, %y, %i) : (memref<4x8xf32>, memref<4x8xf32>, index) -> ()
    gpu.return
  }
}
