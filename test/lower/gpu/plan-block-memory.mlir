// One image's intermediate maps have places in a block's shared memory, the
// largest in the workspace where shared memory is too small.
// RUN: dale-opt %s --dale-plan-block-memory --cse --allow-unregistered-dialect | FileCheck %s
// RUN: dale-opt %s --dale-plan-block-memory="shared-bytes=128" --cse --allow-unregistered-dialect \
// RUN:   | FileCheck %s --check-prefix=SMALL

// An entry point says what a block needs, and holds the memory of what runs once.
// CHECK-LABEL: func.func @dale_evaluate(
// CHECK-SAME: dale.shared = 192 : i64
// CHECK-SAME: dale.workspace = {fixed = 640 : i64, per_block = 0 : i64, per_image = 64 : i64}
// SMALL-LABEL: func.func @dale_evaluate(
// SMALL-SAME: dale.shared = 64 : i64
// SMALL-SAME: dale.workspace = {fixed = 640 : i64, per_block = 128 : i64, per_image = 64 : i64}
func.func @dale_evaluate(%workspace: memref<?xi8>)
    attributes {dale.workspace = {fixed = 128 : i64, per_image = 64 : i64}} {
  call @images(%workspace) : (memref<?xi8>) -> ()
  call @once(%workspace) : (memref<?xi8>) -> ()
  return
}

// %c takes the place of %a, which nobody reads any more. What is a view of
// shared memory is in its space, too.
// CHECK-LABEL: func.func private @images(
// CHECK:      scf.parallel
// CHECK:        %[[SHARED:.*]] = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
// CHECK:        %[[A:.*]] = memref.view %[[SHARED]][%{{.*}}][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<32xf32, #gpu.address_space<workgroup>>
// CHECK-NEXT:   memref.subview %[[A]][0] [16] [1] : memref<32xf32, #gpu.address_space<workgroup>> to memref<16xf32, strided<[1]>, #gpu.address_space<workgroup>>
// CHECK:        %[[C128:.*]] = arith.constant 128 : index
// CHECK-NEXT:   %[[B:.*]] = memref.view %[[SHARED]][%[[C128]]][]
// CHECK:        "test.copy"(%[[B]], %[[A]])

// The small one stays in shared memory, the others go to the block's part of
// the scratch memory, behind the 512 bytes of what runs once.
// SMALL-LABEL: func.func private @images(
// SMALL-SAME: %[[SCRATCH:.*]]: memref<?xi8>)
// SMALL:      scf.parallel
// SMALL:        %[[SHARED:.*]] = gpu.dynamic_shared_memory
// SMALL:        %[[SIZE:.*]] = arith.constant 128 : index
// SMALL:        %[[FIRST:.*]] = arith.constant 512 : index
// SMALL:        %[[BLOCK:.*]] = gpu.block_id  x
// SMALL:        %[[BEGIN:.*]] = arith.muli %[[BLOCK]], %[[SIZE]]
// SMALL:        %[[OFFSET:.*]] = arith.addi %[[FIRST]], %[[BEGIN]]
// SMALL:        %[[PART:.*]] = memref.view %[[SCRATCH]][%[[OFFSET]]][%[[SIZE]]] : memref<?xi8> to memref<?xi8>
// SMALL:        memref.view %[[PART]][%{{.*}}][] : memref<?xi8> to memref<32xf32>
// SMALL:        memref.view %[[SHARED]][%{{.*}}][]
func.func private @images(%scratch: memref<?xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
    %a = memref.alloc() : memref<32xf32>
    %half = memref.subview %a[0] [16] [1] : memref<32xf32> to memref<16xf32, strided<[1]>>
    "test.write"(%half) : (memref<16xf32, strided<[1]>>) -> ()
    %b = memref.alloc() : memref<16xf32>
    "test.copy"(%a, %b) : (memref<32xf32>, memref<16xf32>) -> ()
    %c = memref.alloc() : memref<32xf32>
    "test.copy"(%b, %c) : (memref<16xf32>, memref<32xf32>) -> ()
    scf.reduce
  }
  return
}

// What runs once is seen by all blocks; memory is not used twice.
// CHECK-LABEL: func.func private @once(
// CHECK-SAME: %[[SCRATCH:.*]]: memref<?xi8>)
// CHECK-NOT:  memref.alloc
// CHECK:      memref.view %[[SCRATCH]][%{{.*}}][] : memref<?xi8> to memref<100xf32>
// CHECK:      memref.view %[[SCRATCH]][%{{.*}}][] : memref<?xi8> to memref<4xf32>
func.func private @once(%scratch: memref<?xi8>) {
  %a = memref.alloc() : memref<100xf32>
  "test.write"(%a) : (memref<100xf32>) -> ()
  %b = memref.alloc() : memref<4xf32>
  "test.write"(%b) : (memref<4xf32>) -> ()
  return
}
