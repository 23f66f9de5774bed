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

// What begins at the address of a part of a map, as kernels are given them, is as
// aligned as that part: rows of 8 numbers, or an element of one.
// CHECK-LABEL: func.func private @copy(
// CHECK-SAME: %[[ROW:.*]]: memref<8xf32>, %[[ELEMENT:.*]]: memref<8xf32>
// CHECK:      vector.load %[[ROW]][%{{.*}}] {alignment = 16 : i64}
// CHECK:      vector.store %{{.*}}, %[[ELEMENT]][%{{[^ ]*}}] :
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
  func.func private @copy(%x: memref<8xf32>, %y: memref<8xf32>) attributes {dale.kernel} {
    %c0 = arith.constant 0 : index
    %0 = vector.load %x[%c0] : memref<8xf32>, vector<4xf32>
    vector.store %0, %y[%c0] : memref<8xf32>, vector<4xf32>
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
    %c4 = arith.constant 4 : index
    %map = memref.view %workspace[%c192][%i] : memref<?xi8> to memref<?x8xf32>
    %row = memref.subview %map[%i, 0] [1, 8] [1, 1] : memref<?x8xf32> to memref<8xf32, strided<[1], offset: ?>>
    %halves = memref.expand_shape %row [[0, 1]] output_shape [2, 4] : memref<8xf32, strided<[1], offset: ?>> into memref<2x4xf32, strided<[4, 1], offset: ?>>
    %base, %offset, %sizes:2, %strides:2 = memref.extract_strided_metadata %halves : memref<2x4xf32, strided<[4, 1], offset: ?>> -> memref<f32>, index, index, index, index, index
    %bytes = arith.muli %offset, %c4 : index
    %begin = arith.addi %bytes, %c192 : index
    %p = memref.view %workspace[%begin][] : memref<?xi8> to memref<8xf32>
    %element = memref.subview %map[0, %i] [1, 8] [1, 1] : memref<?x8xf32> to memref<8xf32, strided<[1], offset: ?>>
    %base_1, %offset_1, %size_1, %stride_1 = memref.extract_strided_metadata %element : memref<8xf32, strided<[1], offset: ?>> -> memref<f32>, index, index, index
    %bytes_1 = arith.muli %offset_1, %c4 : index
    %q = memref.view %workspace[%bytes_1][] : memref<?xi8> to memref<8xf32>
    func.call @copy(%p, %q) : (memref<8xf32>, memref<8xf32>) -> ()
    gpu.return
  }
}
