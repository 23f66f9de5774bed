// One image's intermediate maps have places in a block's shared memory, or in the
// workspace where there is too little of it.
// RUN: dale-opt %s --dale-plan-block-memory=shared-bytes=1024 --cse | FileCheck %s
// RUN: dale-opt %s --dale-plan-block-memory="shared-bytes=64 image-blocks=one" --cse | FileCheck %s --check-prefix=SMALL
// RUN: dale-opt %s --dale-plan-block-memory=shared-bytes=64,192 --cse | FileCheck %s --check-prefix=TIERS
// RUN: dale-opt %s --dale-plan-block-memory=shared-bytes=64 --cse | FileCheck %s --check-prefix=SEVERAL
// RUN: not dale-opt %s --dale-plan-block-memory=shared-bytes=192,64 2>&1 | FileCheck %s --check-prefix=ORDER

// ORDER: error: shared-bytes must be sizes in ascending order

// An entry point says what a block needs, what an image moves, and how much memory
// what runs once takes. With 192 bytes all that is in the stage is in shared memory;
// with 64 only the small map, of which as many bytes are written as read.
// CHECK-LABEL: func.func @dale_evaluate(
// CHECK-SAME: dale.moved = {elsewhere = 0 : i64, scratch = array<i64: 0>, shared = array<i64: 512>}
// CHECK-SAME: dale.shared = array<i64: 192>
// CHECK-SAME: dale.workspace = {fixed = 640 : i64, per_block = 0 : i64, per_image = 64 : i64}
// SMALL-LABEL: func.func @dale_evaluate(
// SMALL-SAME: dale.moved = {elsewhere = 0 : i64, scratch = array<i64: 384>, shared = array<i64: 128>}
// SMALL-SAME: dale.shared = array<i64: 64>
// SMALL-SAME: dale.workspace = {fixed = 640 : i64, per_block = 128 : i64, per_image = 64 : i64}
// Unless it was said that a block is alone, several of them work on an image whose
// maps are too large for the shared memory of one.
// SEVERAL-LABEL: func.func @dale_evaluate(
// SEVERAL-SAME: dale.moved = {elsewhere = 0 : i64, scratch = array<i64: 512>, shared = array<i64: 0>}
// SEVERAL-SAME: dale.shared = array<i64: 0>
// SEVERAL-SAME: dale.teams
// SEVERAL-SAME: dale.workspace = {fixed = 640 : i64, per_block = 192 : i64, per_image = 64 : i64}
// TIERS-LABEL: func.func @dale_evaluate(
// TIERS-SAME: dale.moved = {elsewhere = 0 : i64, scratch = array<i64: 384, 0>, shared = array<i64: 128, 512>}
// TIERS-SAME: dale.shared = array<i64: 64, 192>
// TIERS-SAME: dale.workspace = {fixed = 640 : i64, per_block = 128 : i64, per_image = 64 : i64}
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
// CHECK:        %[[HALF:.*]] = memref.subview %[[A]][0] [16] [1] : memref<32xf32, #gpu.address_space<workgroup>> to memref<16xf32, strided<[1]>, #gpu.address_space<workgroup>>
// CHECK:        %[[B:.*]] = memref.view %[[SHARED]]
// CHECK:        linalg.copy ins(%[[HALF]] {{.*}} outs(%[[B]]
// CHECK:        linalg.fill {{.*}} outs(%[[A]]

// The small one stays in shared memory, the others go to the block's part of
// the scratch memory, behind the 512 bytes of what runs once.
// SMALL-LABEL: func.func private @images(
// SMALL-SAME: %[[SCRATCH:.*]]: memref<?xi8>)
// SMALL:      scf.parallel
// SMALL:        %[[SHARED:.*]] = gpu.dynamic_shared_memory
// SMALL:        %[[BLOCK:.*]] = dale.team_id
// SMALL:        %[[SIZE:.*]] = arith.constant 128 : index
// SMALL:        %[[BEGIN:.*]] = arith.muli %[[BLOCK]], %[[SIZE]]
// SMALL:        %[[FIRST:.*]] = arith.constant 512 : index
// SMALL:        %[[OFFSET:.*]] = arith.addi %[[FIRST]], %[[BEGIN]]
// SMALL:        %[[PART:.*]] = memref.view %[[SCRATCH]][%[[OFFSET]]][%[[SIZE]]] : memref<?xi8> to memref<?xi8>
// SMALL:        memref.view %[[PART]][%{{.*}}][] : memref<?xi8> to memref<32xf32>
// SMALL:        memref.view %[[SHARED]]

// A team of blocks has a part of the scratch memory as well.
// SEVERAL-LABEL: func.func private @images(
// SEVERAL-SAME: %[[SCRATCH:.*]]: memref<?xi8>)
// SEVERAL:      scf.parallel
// SEVERAL-NOT:    gpu.dynamic_shared_memory
// SEVERAL:        %[[TEAM:.*]] = dale.team_id
// SEVERAL:        %[[BEGIN:.*]] = arith.muli %[[TEAM]], %c192
// SEVERAL:        %[[OFFSET:.*]] = arith.addi %{{.*}}, %[[BEGIN]]
// SEVERAL:        %[[PART:.*]] = memref.view %[[SCRATCH]][%[[OFFSET]]][%c192]
// SEVERAL:        memref.view %[[PART]][%{{.*}}][] : memref<?xi8> to memref<32xf32>

// Where there is more shared memory, they are there: the block looks how much it
// has been given.
// TIERS-LABEL: func.func private @images(
// TIERS-SAME: %[[SCRATCH:.*]]: memref<?xi8>)
// TIERS:        %[[BEHIND:.*]] = memref.view %[[SHARED:.*]][%c64{{.*}}][%c128{{.*}}] : memref<?xi8, #gpu.address_space<workgroup>> to memref<?xi8, #gpu.address_space<workgroup>>
// TIERS:        %[[THERE:.*]] = memref.view %[[SCRATCH]]
// TIERS:        %[[HERE:.*]] = memref.memory_space_cast %[[BEHIND]] : memref<?xi8, #gpu.address_space<workgroup>> to memref<?xi8>
// TIERS:        %[[GIVEN:.*]] = dale.shared_bytes : index
// TIERS:        %[[ENOUGH:.*]] = arith.cmpi uge, %[[GIVEN]], %c192
// TIERS:        %[[TIER:.*]] = arith.select %[[ENOUGH]], %[[HERE]], %[[THERE]] : memref<?xi8>
// TIERS:        memref.view %[[TIER]][%{{.*}}][] : memref<?xi8> to memref<32xf32>
func.func private @images(%scratch: memref<?xi8>) {
  %zero = arith.constant 0.0 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
    %a = memref.alloc() : memref<32xf32>
    linalg.fill ins(%zero : f32) outs(%a : memref<32xf32>)
    %half = memref.subview %a[0] [16] [1] : memref<32xf32> to memref<16xf32, strided<[1]>>
    %b = memref.alloc() : memref<16xf32>
    linalg.copy ins(%half : memref<16xf32, strided<[1]>>) outs(%b : memref<16xf32>)
    %c = memref.alloc() : memref<32xf32>
    linalg.fill ins(%zero : f32) outs(%c : memref<32xf32>)
    %other = memref.subview %c[16] [16] [1] : memref<32xf32> to memref<16xf32, strided<[1], offset: 16>>
    linalg.copy ins(%b : memref<16xf32>) outs(%other : memref<16xf32, strided<[1], offset: 16>>)
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
  %zero = arith.constant 0.0 : f32
  %a = memref.alloc() : memref<100xf32>
  linalg.fill ins(%zero : f32) outs(%a : memref<100xf32>)
  %b = memref.alloc() : memref<4xf32>
  linalg.fill ins(%zero : f32) outs(%b : memref<4xf32>)
  return
}
