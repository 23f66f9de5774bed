// RUN: dale-opt %s --dale-prefetch-maps=pieces=2 --canonicalize --cse | FileCheck %s
// RUN: dale-opt %s --dale-prefetch-maps="terms-between=8 pieces=1" --canonicalize --cse | FileCheck %s --check-prefix=LITTLE
// RUN: dale-opt %s --dale-prefetch-maps="large-factor=512 terms-ahead=3" --canonicalize --cse | FileCheck %s --check-prefix=LARGE

// A product of matrices of 16 rows, columns and terms. It gets two parts of maps to
// fetch, a line of each before every four terms of a sum, 16 in all: behind the end
// of a part it is the last line again.

// CHECK-LABEL: func.func private @product(
// CHECK-SAME:    %[[A:.*]]: memref<16x16xf32>, %[[B:.*]]: memref<16x16xf32>, %[[C:.*]]: memref<16x16xf32>,
// CHECK-SAME:    %[[FIRST:.*]]: memref<?xi8, strided<[1], offset: ?>>, %[[SECOND:.*]]: memref<?xi8, strided<[1], offset: ?>>)
// CHECK:         scf.for %[[ROW:.*]] = %c0 to %c16 step %c4
// CHECK:           scf.for %[[K:.*]] = %c0 to %c16 step %c4 iter_args
// CHECK:             %[[TILE:.*]] = arith.divui %[[ROW]], %c4
// CHECK:             %[[PART:.*]] = arith.divui %[[K]], %c4
// CHECK:             %[[TILES:.*]] = arith.muli %[[TILE]], %c4
// CHECK:             %[[TURN:.*]] = arith.addi %[[TILES]], %[[PART]]
// CHECK:             %[[LINE:.*]] = arith.muli %[[TURN]], %c64
// CHECK:             %[[SIZE:.*]] = memref.dim %[[FIRST]]
// CHECK:             %[[LAST:.*]] = arith.subi %[[SIZE]], %c1
// CHECK:             %[[PLACE:.*]] = arith.minui %[[LINE]], %[[LAST]]
// CHECK:             memref.prefetch %[[FIRST]][%[[PLACE]]], read, locality<2>, data
// CHECK:             memref.prefetch %[[SECOND]]
// CHECK-NOT:         scf.for
// CHECK-COUNT-4:     vector.contract
// CHECK:             scf.yield
func.func private @product(%a: memref<16x16xf32>, %b: memref<16x16xf32>,
                           %c: memref<16x16xf32>) attributes {dale.kernel} {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c16 = arith.constant 16 : index
  scf.for %row = %c0 to %c16 step %c4 {
    %start = vector.transfer_read %c[%row, %c0], %zero {in_bounds = [true, true]} : memref<16x16xf32>, vector<4x16xf32>
    %sum = scf.for %k = %c0 to %c16 step %c1 iter_args(%so_far = %start) -> (vector<4x16xf32>) {
      %left = vector.transfer_read %a[%row, %k], %zero {in_bounds = [true, true]} : memref<16x16xf32>, vector<4x1xf32>
      %right = vector.transfer_read %b[%k, %c0], %zero {in_bounds = [true, true]} : memref<16x16xf32>, vector<1x16xf32>
      %next = vector.contract {
          indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>],
          iterator_types = ["parallel", "parallel", "reduction"]}
          %left, %right, %so_far : vector<4x1xf32>, vector<1x16xf32> into vector<4x16xf32>
      scf.yield %next : vector<4x16xf32>
    }
    vector.transfer_write %sum, %c[%row, %c0] {in_bounds = [true, true]} : vector<4x16xf32>, memref<16x16xf32>
  }
  return
}

// A sum that goes on with what is in memory: a tile fetches the lines that the next
// one goes on with, here two of a row, the second not a whole one. Behind the last
// tile there is none.

// CHECK-LABEL: func.func private @go_on(
// CHECK-SAME:    %{{[^,]*}}, %{{[^,]*}}, %[[C:.*]]: memref<8x20xf32>,
// CHECK:         scf.for %[[ROW:.*]] = %c0 to %c8 step %c2
// CHECK:           vector.transfer_read
// CHECK:           %[[BEHIND:.*]] = arith.addi %[[ROW]], %c2
// CHECK:           %[[NEXT:.*]] = arith.minui %[[BEHIND]], %c6
// CHECK:           %[[TILE:.*]] = memref.subview %[[C]][%[[NEXT]], 0] [2, 20] [1, 1]
// CHECK-NEXT:      memref.prefetch %[[TILE]][%c0, %c0], read, locality<3>, data
// CHECK-NEXT:      memref.prefetch %[[TILE]][%c0, %c16]
// CHECK-NEXT:      memref.prefetch %[[TILE]][%c1, %c0]
// CHECK-NEXT:      memref.prefetch %[[TILE]][%c1, %c16]
// CHECK-NEXT:      scf.for
func.func private @go_on(%a: memref<8x8xf32>, %b: memref<8x20xf32>, %c: memref<8x20xf32>) attributes {dale.kernel} {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c8 = arith.constant 8 : index
  scf.for %row = %c0 to %c8 step %c2 {
    %tile = memref.subview %c[%row, 0] [2, 20] [1, 1] : memref<8x20xf32> to memref<2x20xf32, strided<[20, 1], offset: ?>>
    %start = vector.transfer_read %tile[%c0, %c0], %zero {in_bounds = [true, true]} : memref<2x20xf32, strided<[20, 1], offset: ?>>, vector<2x20xf32>
    %sum = scf.for %k = %c0 to %c8 step %c1 iter_args(%so_far = %start) -> (vector<2x20xf32>) {
      %left = vector.transfer_read %a[%row, %k], %zero {in_bounds = [true, true]} : memref<8x8xf32>, vector<2x1xf32>
      %right = vector.transfer_read %b[%k, %c0], %zero {in_bounds = [true, true]} : memref<8x20xf32>, vector<1x20xf32>
      %next = vector.contract {
          indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>, affine_map<(m, n, k) -> (m, n)>],
          iterator_types = ["parallel", "parallel", "reduction"]}
          %left, %right, %so_far : vector<2x1xf32>, vector<1x20xf32> into vector<2x20xf32>
      scf.yield %next : vector<2x20xf32>
    }
    vector.transfer_write %sum, %tile[%c0, %c0] {in_bounds = [true, true]} : vector<2x20xf32>, memref<2x20xf32, strided<[20, 1], offset: ?>>
  }
  return
}

// Of a right factor as large as @product's, 1 KiB, a row is fetched some terms ahead;
// the last one again where there is none.

// LARGE-LABEL: func.func private @product(
// LARGE-SAME:    %{{[^,]*}}: memref<16x16xf32>, %[[B:[a-z0-9]+]]: memref<16x16xf32>,
// LARGE:           scf.for %[[K:.*]] = %{{.*}} to %{{.*}} step %c4 iter_args
// LARGE:             %[[LATER:.*]] = arith.addi %[[K]], %c3
// LARGE:             %[[ROW:.*]] = arith.minui %[[LATER]], %c15
// LARGE:             memref.prefetch %[[B]][%[[ROW]], %c0], read, locality<3>, data
// LARGE-NOT:         memref.prefetch
// LARGE:             vector.contract
// LARGE:             arith.addi %[[K]], %c1
// LARGE:             memref.prefetch %[[B]]
// LARGE-NOT:         memref.prefetch
// LARGE:             vector.contract

// Anything else stays as it is.

// CHECK-LABEL: func.func private @other(
// CHECK-SAME:    %{{[^,]*}}: memref<16x16xf32, strided<[16, 1], offset: ?>>, %{{[^,]*}}: memref<16x16xf32>)
func.func private @other(%map: memref<16x16xf32, strided<[16, 1], offset: ?>>,
                         %own: memref<16x16xf32>) attributes {dale.kernel} {
  return
}

// A stage uses the map %early before any product, and %late behind it. The product
// fetches this image's part of the one, and the next image's part of the other: of
// the last image its own, since there is nothing behind it. With one part and half as
// many turns there is time for eight lines, the last of the map that is used next.

// CHECK-LABEL: func.func @train_step(
// CHECK-SAME:    %[[IMAGES:.*]]: index, %[[BUFFER:.*]]: memref<?xi8>)
// CHECK:         scf.for %[[IMAGE:.*]] = %c0 to %[[IMAGES]] step %c1
// CHECK:           %[[OFFSET:.*]] = arith.muli %[[IMAGE]], %c1024
// CHECK:           %[[HERE:.*]] = arith.addi %[[OFFSET]], %c65536
// CHECK:           %[[LATE:.*]] = memref.subview %[[BUFFER]][%[[HERE]]] [1024] [1]
// CHECK:           %[[FETCH_LATE:.*]] = memref.cast %[[LATE]]
// CHECK:           %[[BEHIND:.*]] = arith.addi %[[IMAGE]], %c1
// CHECK:           %[[LAST:.*]] = arith.subi %[[IMAGES]], %c1
// CHECK:           %[[NEXT:.*]] = arith.minui %[[BEHIND]], %[[LAST]]
// CHECK:           %[[THERE:.*]] = arith.muli %[[NEXT]], %c1024
// CHECK:           %[[EARLY:.*]] = memref.subview %[[BUFFER]][%[[THERE]]] [1024] [1]
// CHECK:           %[[FETCH_EARLY:.*]] = memref.cast %[[EARLY]]
// CHECK:           call @product(%{{.*}}, %{{.*}}, %{{.*}}, %[[FETCH_LATE]], %[[FETCH_EARLY]])

// Where three parts could be fetched, a byte of any buffer is the third.
// LARGE-LABEL: func.func @train_step(
// LARGE:         memref.subview %{{.*}}[0] [1] [1]
// LARGE:         %[[NOTHING:.*]] = memref.cast
// LARGE:         call @product({{.*}}, %[[NOTHING]])

// LITTLE-LABEL: func.func @train_step(
// LITTLE:         arith.addi %{{.*}}, %c66048
// LITTLE:         memref.subview %{{.*}} [512] [1]
// LITTLE-NOT:     memref.subview %{{.*}}[%{{.*}}] [{{[0-9]+}}] [1]
// LITTLE:         call @product(
func.func @train_step(%images: index, %buffer: memref<?xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c65536 = arith.constant 65536 : index
  %early = memref.view %buffer[%c0][%images] : memref<?xi8> to memref<?x16x16xf32>
  %late = memref.view %buffer[%c65536][%images] : memref<?xi8> to memref<?x16x16xf32>
  %own = memref.alloc() : memref<16x16xf32>
  scf.parallel (%chunk) = (%c0) to (%c4) step (%c1) {
    scf.for %image = %c0 to %images step %c1 {
      %0 = memref.subview %early[%image, 0, 0] [1, 16, 16] [1, 1, 1] : memref<?x16x16xf32> to memref<16x16xf32, strided<[16, 1], offset: ?>>
      func.call @other(%0, %own) : (memref<16x16xf32, strided<[16, 1], offset: ?>>, memref<16x16xf32>) -> ()
      func.call @product(%own, %own, %own) : (memref<16x16xf32>, memref<16x16xf32>, memref<16x16xf32>) -> ()
      %1 = memref.subview %late[%image, 0, 0] [1, 16, 16] [1, 1, 1] : memref<?x16x16xf32> to memref<16x16xf32, strided<[16, 1], offset: ?>>
      func.call @other(%1, %own) : (memref<16x16xf32, strided<[16, 1], offset: ?>>, memref<16x16xf32>) -> ()
    }
    scf.reduce
  }
  return
}
