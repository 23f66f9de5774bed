// RUN: dale-opt %s --dale-keep-stages | FileCheck %s

// A stage that is done at many time steps stays a function, and is told where its
// maps are instead of what they are. What is the same in all calls is one argument.

// CHECK-LABEL: func.func @train_step(
// CHECK-SAME:    %[[IMAGES:.*]]: index, %[[BUFFER:.*]]: memref<?xi8>, %[[OTHER:.*]]: memref<8xf32>)
// CHECK-COUNT-2: call @stage(%[[OTHER]], %[[BUFFER]], %c0, %[[IMAGES]], %c{{.*}}) : (memref<8xf32>, memref<?xi8>, index, index, index)
// CHECK:         call @stage(%[[OTHER]], %[[BUFFER]], %c0, %[[IMAGES]], %c192) :
func.func @train_step(%images: index, %buffer: memref<?xi8>, %other: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c64 = arith.constant 64 : index
  %c128 = arith.constant 128 : index
  %c192 = arith.constant 192 : index
  %in = memref.view %buffer[%c0][%images] : memref<?xi8> to memref<?x4xf32>
  %0 = memref.view %buffer[%c64][%images] : memref<?xi8> to memref<?x4xf32>
  %1 = memref.view %buffer[%c128][%images] : memref<?xi8> to memref<?x4xf32>
  %2 = memref.view %buffer[%c192][%images] : memref<?xi8> to memref<?x4xf32>
  call @stage(%in, %0, %other) : (memref<?x4xf32>, memref<?x4xf32>, memref<8xf32>) -> ()
  call @stage(%in, %1, %other) : (memref<?x4xf32>, memref<?x4xf32>, memref<8xf32>) -> ()
  call @stage(%in, %2, %other) : (memref<?x4xf32>, memref<?x4xf32>, memref<8xf32>) -> ()
  call @once(%other) : (memref<8xf32>) -> ()
  return
}

// CHECK-LABEL: func.func private @stage(
// CHECK-SAME:    %[[SAME:.*]]: memref<8xf32>, %[[BYTES:.*]]: memref<?xi8>, %[[IN:.*]]: index, %[[COUNT:.*]]: index, %[[OUT:.*]]: index)
// CHECK-SAME:    no_inline
// CHECK-DAG:     %[[FROM:.*]] = memref.view %[[BYTES]][%[[IN]]][%[[COUNT]]] : memref<?xi8> to memref<?x4xf32>
// CHECK-DAG:     %[[TO:.*]] = memref.view %[[BYTES]][%[[OUT]]][%[[COUNT]]] : memref<?xi8> to memref<?x4xf32>
// CHECK:         scf.parallel
// CHECK:           memref.copy %[[FROM]], %[[TO]]
// CHECK:           memref.load %[[SAME]]
func.func private @stage(%in: memref<?x4xf32>, %out: memref<?x4xf32>, %other: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%chunk) = (%c0) to (%c1) step (%c1) {
    memref.copy %in, %out : memref<?x4xf32> to memref<?x4xf32>
    %0 = memref.load %other[%c0] : memref<8xf32>
    scf.reduce
  }
  return
}

// What is called once, or goes over no images, is inlined later.

// CHECK-LABEL: func.func private @once(
// CHECK-SAME:    %{{.*}}: memref<8xf32>) {
func.func private @once(%other: memref<8xf32>) {
  return
}
