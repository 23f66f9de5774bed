// An entry point becomes a kernel of parts; barriers stand where memory needs
// them.
// RUN: dale-opt %s --dale-map-to-gpu=threads=32 --canonicalize --cse | FileCheck %s
// RUN: dale-opt %s --dale-map-to-gpu=threads=512 --canonicalize --cse | FileCheck %s --check-prefix=LARGE

// Two kernels of a level have work for two of a block's 16 warps each: the second
// begins with the third warp, thread 64, which is its thread 0.
// LARGE-LABEL: func.func private @dale_evaluate_part_0_level_0(
// LARGE:       call @scale(%{{.*}}, %{{.*}}, %thread_id_x, %block_dim_x)
// LARGE-NEXT:  %[[SUM:.*]] = arith.addi %thread_id_x, %c448
// LARGE-NEXT:  %[[MASK:.*]] = arith.subi %block_dim_x, %c1
// LARGE-NEXT:  %[[NUMBER:.*]] = arith.andi %[[SUM]], %[[MASK]]
// LARGE-NEXT:  call @scale(%{{.*}}, %{{.*}}, %[[NUMBER]], %block_dim_x)

// A block of 512 threads has one for all that the first part does: the other
// blocks leave it to the first.
// LARGE-LABEL: func.func private @dale_evaluate_part_0(
// LARGE:       %[[FIRST:.*]] = arith.cmpi eq, %block_id_x, %c0
// LARGE-NEXT:  scf.if %[[FIRST]] {
// LARGE-NEXT:    func.call @dale_evaluate_part_0_level_0(
// LARGE-NEXT:    gpu.barrier
// LARGE-NEXT:    func.call @dale_evaluate_part_0_level_1(
// LARGE-NEXT:  }
// LARGE-NEXT:  return

// What a kernel does in parallel is shared out among its team: each thread takes
// every %size'th tile from its own number on.
// CHECK-LABEL: func.func private @scale(
// CHECK-SAME: %[[X:.*]]: memref<16x16xf32>, %[[Y:.*]]: memref<16x16xf32>, %[[NUMBER:.*]]: index, %[[SIZE:.*]]: index)
// CHECK:      scf.for %[[TILE:.*]] = %[[NUMBER]] to %c64 step %[[SIZE]] {
// CHECK-NEXT:   %[[COLUMN:.*]] = arith.remui %[[TILE]], %c4
// CHECK-NEXT:   %[[ROW:.*]] = arith.divui %[[TILE]], %c4
// CHECK-NEXT:   %[[FIRST:.*]] = arith.muli %[[COLUMN]], %c4
// CHECK-NEXT:   vector.load %[[X]][%[[ROW]], %[[FIRST]]]
func.func private @scale(%x: memref<16x16xf32>, %y: memref<16x16xf32>) attributes {dale.kernel} {
  scf.forall (%i, %j) = (0, 0) to (16, 16) step (1, 4) {
    %0 = vector.load %x[%i, %j] : memref<16x16xf32>, vector<4xf32>
    %1 = arith.addf %0, %0 : vector<4xf32>
    vector.store %1, %y[%i, %j] : memref<16x16xf32>, vector<4xf32>
  }
  return
}

// What is mapped to warps goes to the team's warps in turn.
// CHECK-LABEL: func.func private @by_warps(
// CHECK-SAME: %[[NUMBER:[a-z0-9]+]]: index, %[[SIZE:[a-z0-9]+]]: index)
// CHECK-DAG:  %[[WARP:.*]] = arith.divui %[[NUMBER]], %c32
// CHECK-DAG:  %[[WARPS:.*]] = arith.divui %[[SIZE]], %c32
// CHECK:      scf.for %{{.*}} = %[[WARP]] to %c2 step %[[WARPS]] {
func.func private @by_warps(%x: memref<16x16xf32>, %y: memref<16x16xf32>) attributes {dale.kernel} {
  %c0 = arith.constant 0 : index
  scf.forall (%i) = (0) to (4) step (2) {
    %lane = gpu.lane_id
    %0 = memref.load %x[%i, %lane] : memref<16x16xf32>
    memref.store %0, %y[%i, %lane] : memref<16x16xf32>
  } {mapping = [#gpu.warp<linear_dim_0>]}
  return
}

// What is not parallel is done by the first.
// CHECK-LABEL: func.func private @total(
// CHECK-SAME: %[[NUMBER:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: index)
// CHECK:      %[[FIRST:.*]] = arith.cmpi eq, %[[NUMBER]], %c0
// CHECK-NEXT: scf.if %[[FIRST]]
// CHECK:        memref.store
func.func private @total(%x: memref<16x16xf32>, %y: memref<16x16xf32>) attributes {dale.kernel} {
  %c0 = arith.constant 0 : index
  %0 = memref.load %x[%c0, %c0] : memref<16x16xf32>
  memref.store %0, %y[%c0, %c0] : memref<16x16xf32>
  return
}

// The first two kernels have nothing to do with each other: they are one level,
// which a function of its own computes, with its addresses. They have work for
// more than 32 threads: all of the grid run each of them.
// CHECK-LABEL: func.func private @dale_evaluate_part_0_level_0(
// CHECK-SAME: %[[IMAGES:.*]]: memref<?xi8>, %[[WORKSPACE:.*]]: memref<?xi8>)
// CHECK-DAG:  %[[MINE:.*]] = arith.addi %{{.*}}, %thread_id_x
// CHECK-DAG:  %[[ALL:.*]] = arith.muli %grid_dim_x, %block_dim_x
// CHECK-DAG:  %[[X:.*]] = memref.view %[[IMAGES]]
// CHECK-DAG:  %[[A:.*]] = memref.view %[[WORKSPACE]][%c0]
// CHECK-DAG:  %[[B:.*]] = memref.view %[[WORKSPACE]][%c1024]
// CHECK:      call @scale(%[[X]], %[[A]], %[[MINE]], %[[ALL]])
// CHECK-NEXT: call @scale(%[[X]], %[[B]], %[[MINE]], %[[ALL]])
// CHECK-NEXT: return

// The third reads what they write, and is one thread's work.
// CHECK-LABEL: func.func private @dale_evaluate_part_0_level_1(
// CHECK:      call @total(
// CHECK-LABEL: func.func private @dale_evaluate_part_0(
// CHECK-SAME: %[[COUNTS:[a-z0-9]+]]: memref<?xi8>)
// CHECK:      call @dale_evaluate_part_0_level_0(
// CHECK-NEXT: %[[ARRIVALS:.*]] = memref.view %[[COUNTS]][%c0][]
// CHECK-NEXT: dale.grid_barrier %[[ARRIVALS]]
// CHECK:      scf.if
// CHECK-NEXT:   func.call @dale_evaluate_part_0_level_1(
// CHECK-NEXT: }
// CHECK-NEXT: return

// In a stage over images each block takes a run of the chunks. Its threads run a
// kernel together, and wait for each other only; the first and the third
// kernel come before the first barrier, since neither meets the other.
// CHECK-LABEL: func.func private @dale_evaluate_part_1_level_2(
// CHECK:      call @scale(%{{.*}}, %{{.*}}, %thread_id_x, %block_dim_x)
// CHECK-NEXT: call @scale(
// CHECK-NEXT: return
// CHECK-LABEL: func.func private @dale_evaluate_part_1(
// CHECK:      %[[BEFORE:.*]] = arith.muli %block_id_x, %c128
// CHECK:      %[[BEGIN:.*]] = arith.divui %{{.*}}, %grid_dim_x
// CHECK:      %[[NEXT:.*]] = arith.divui %{{.*}}, %grid_dim_x
// CHECK-NEXT: %[[END:.*]] = arith.minui %[[NEXT]], %c128
// CHECK-NEXT: scf.for %{{.*}} = %[[BEGIN]] to %[[END]] step %c1 {
// CHECK-NEXT:   func.call @dale_evaluate_part_1_level_2(
// CHECK-NEXT:   gpu.barrier
// CHECK-NEXT:   func.call @dale_evaluate_part_1_level_3(
// CHECK-NEXT:   gpu.barrier
// CHECK-NEXT: }
// CHECK:      return

// A block works on the part of its replica: of every buffer but those that are
// common, and of the counts of blocks.
// CHECK-LABEL: gpu.func @dale_evaluate(
// CHECK-SAME: %[[IMAGES:[a-z0-9]+]]: memref<?xi8>, %[[RATE:[a-z0-9]+]]: memref<?xi8>, %[[BATCH:[a-z0-9]+]]: i64
// CHECK-SAME: %[[WORKSPACE:[a-z0-9]+]]: memref<?xi8>, %[[COUNTS:[a-z0-9]+]]: memref<?xi8>) kernel
// CHECK-SAME: dale.workspace = {fixed = 3072 : i64}
// CHECK-SAME: nvvm.maxntid = array<i32: 32>
// CHECK:      %[[BYTES:.*]] = memref.dim %[[IMAGES]]
// CHECK-NEXT: %[[BEGIN:.*]] = arith.muli %block_id_y, %[[BYTES]]
// CHECK-NEXT: %[[MY_IMAGES:.*]] = memref.view %[[IMAGES]][%[[BEGIN]]][%[[BYTES]]] : memref<?xi8> to memref<?xi8>
// CHECK:      %[[MY_WORKSPACE:.*]] = memref.view %[[WORKSPACE]][
// CHECK:      %[[MY_COUNTS:.*]] = memref.view %[[COUNTS]][
// CHECK-NEXT: func.call @dale_evaluate_part_0(%[[MY_IMAGES]], %[[RATE]], %[[BATCH]], %[[MY_WORKSPACE]], %[[MY_COUNTS]])
// CHECK-NEXT: %[[ARRIVALS:.*]] = memref.view %[[MY_COUNTS]][%c0][]
// CHECK-NEXT: dale.grid_barrier %[[ARRIVALS]]
// CHECK-NEXT: func.call @dale_evaluate_part_1(%[[MY_IMAGES]], %[[RATE]], %[[BATCH]], %[[MY_WORKSPACE]], %[[MY_COUNTS]])
// CHECK-NEXT: gpu.return
func.func @dale_evaluate(%images: memref<?xi8>, %rate: memref<?xi8>, %batch: i64, %workspace: memref<?xi8>)
    attributes {dale.workspace = {fixed = 3072 : i64}, dale.common = array<i32: 1>} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %c1024 = arith.constant 1024 : index
  %c2048 = arith.constant 2048 : index
  %x = memref.view %images[%c0][] : memref<?xi8> to memref<16x16xf32>
  %a = memref.view %workspace[%c0][] : memref<?xi8> to memref<16x16xf32>
  %b = memref.view %workspace[%c1024][] : memref<?xi8> to memref<16x16xf32>
  %c = memref.view %workspace[%c2048][] : memref<?xi8> to memref<16x16xf32>
  call @scale(%x, %a) : (memref<16x16xf32>, memref<16x16xf32>) -> ()
  call @scale(%x, %b) : (memref<16x16xf32>, memref<16x16xf32>) -> ()
  call @total(%a, %c) : (memref<16x16xf32>, memref<16x16xf32>) -> ()
  scf.parallel (%chunk) = (%c0) to (%c128) step (%c1) {
    func.call @scale(%x, %a) : (memref<16x16xf32>, memref<16x16xf32>) -> ()
    func.call @scale(%a, %b) : (memref<16x16xf32>, memref<16x16xf32>) -> ()
    func.call @scale(%x, %c) : (memref<16x16xf32>, memref<16x16xf32>) -> ()
    scf.reduce
  }
  return
}

// With `dale.teams` there is a team for each image, of as many blocks as there are
// for it: all their threads run a kernel together, and wait for each other, and
// `dale.team_id` is the number of the team. Its count of arrivals is a line behind
// that of the grid and those of the teams before it.
// CHECK-LABEL: func.func private @dale_respond_part_0_level_0(
// CHECK-SAME: %[[TEAM:[a-z0-9]+]]: index, %[[BLOCKS:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: memref<?xi8>, %[[WORKSPACE:[a-z0-9]+]]: memref<?xi8>)
// CHECK:      %[[BEFORE:.*]] = arith.muli %[[TEAM]], %[[BLOCKS]]
// CHECK-NEXT: %[[MEMBER:.*]] = arith.subi %block_id_x, %[[BEFORE]]
// CHECK:      %[[THREADS:.*]] = arith.muli %[[MEMBER]], %block_dim_x
// CHECK:      %[[MINE:.*]] = arith.addi %[[THREADS]], %thread_id_x
// CHECK:      %[[ALL:.*]] = arith.muli %[[BLOCKS]], %block_dim_x
// CHECK:      %[[OFFSET:.*]] = arith.muli %[[TEAM]], %c1024
// CHECK-NEXT: %[[A:.*]] = memref.view %[[WORKSPACE]][%[[OFFSET]]]
// CHECK-NEXT: call @scale(%{{.*}}, %[[A]], %[[MINE]], %[[ALL]])
// CHECK-LABEL: func.func private @dale_respond_part_0(
// CHECK-SAME: %[[BATCH:[a-z0-9]+]]: i64
// CHECK:      %[[IMAGES:.*]] = arith.index_cast %[[BATCH]] : i64 to index
// CHECK-NEXT: %[[TEAMS:.*]] = arith.minui %grid_dim_x, %[[IMAGES]]
// CHECK-NEXT: %[[BLOCKS:.*]] = arith.divui %grid_dim_x, %[[TEAMS]]
// CHECK-NEXT: %[[TEAM:.*]] = arith.divui %block_id_x, %[[BLOCKS]]
// CHECK-NEXT: %[[LINE:.*]] = arith.addi %[[TEAM]], %c1
// CHECK-NEXT: %[[PLACE:.*]] = arith.muli %[[LINE]], %c128
// CHECK-NEXT: %[[ARRIVALS:.*]] = memref.view %{{.*}}[%[[PLACE]]][]
// CHECK:      scf.for
// CHECK-NEXT:   func.call @dale_respond_part_0_level_0(%[[TEAM]], %[[BLOCKS]],
// CHECK-NEXT:   dale.grid_barrier %[[ARRIVALS]] of %[[BLOCKS]]
func.func @dale_respond(%images: memref<?xi8>, %batch: i64, %workspace: memref<?xi8>)
    attributes {dale.workspace = {fixed = 1024 : i64}, dale.teams} {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c128 = arith.constant 128 : index
  %c1024 = arith.constant 1024 : index
  %x = memref.view %images[%c0][] : memref<?xi8> to memref<16x16xf32>
  scf.parallel (%chunk) = (%c0) to (%c128) step (%c1) {
    %team = dale.team_id : index
    %offset = arith.muli %team, %c1024 : index
    %a = memref.view %workspace[%offset][] : memref<?xi8> to memref<16x16xf32>
    func.call @scale(%x, %a) : (memref<16x16xf32>, memref<16x16xf32>) -> ()
    scf.reduce
  }
  return
}
