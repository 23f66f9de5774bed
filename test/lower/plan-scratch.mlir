// One image's intermediate maps have places in a thread's memory.
// RUN: dale-opt %s --dale-plan-scratch --allow-unregistered-dialect | FileCheck %s
// RUN: dale-opt %s --dale-plan-scratch=apart=64 --allow-unregistered-dialect | FileCheck %s --check-prefix=APART

// CHECK:      func.func private @omp_get_thread_num() -> i32

// An entry point says what a thread needs at most of all stages that it calls:
// 100 numbers, and the next multiple of 64 bytes.
// CHECK-LABEL: func.func @dale_evaluate(
// CHECK-SAME: dale.workspace = {fixed = 128 : i64, per_image = 64 : i64, per_thread = 448 : i64}
func.func @dale_evaluate(%workspace: memref<?xi8>)
    attributes {dale.workspace = {fixed = 128 : i64, per_image = 64 : i64}} {
  call @images(%workspace) : (memref<?xi8>) -> ()
  call @once(%workspace) : (memref<?xi8>) -> ()
  return
}

// CHECK-LABEL: func.func @dale_respond(
// CHECK-SAME: per_thread = 192 : i64
func.func @dale_respond(%workspace: memref<?xi8>)
    attributes {dale.workspace = {fixed = 128 : i64, per_image = 64 : i64}} {
  call @images(%workspace) : (memref<?xi8>) -> ()
  return
}

// Every thread has a part of the scratch memory, by its number. In it %c takes
// the place of %a, which nobody reads any more, and %b stands behind.
// CHECK-LABEL: func.func private @images(
// CHECK-SAME: %[[SCRATCH:.*]]: memref<?xi8>)
// CHECK:      scf.parallel
// CHECK-NEXT:   %[[SIZE:.*]] = arith.constant 192 : index
// CHECK-NEXT:   %[[NUMBER:.*]] = func.call @omp_get_thread_num()
// CHECK-NEXT:   %[[THREAD:.*]] = arith.index_cast %[[NUMBER]] : i32 to index
// CHECK-NEXT:   %[[BEGIN:.*]] = arith.muli %[[THREAD]], %[[SIZE]]
// CHECK-NEXT:   %[[PART:.*]] = memref.view %[[SCRATCH]][%[[BEGIN]]][%[[SIZE]]] : memref<?xi8> to memref<?xi8>
// CHECK-NEXT:   %[[C0:.*]] = arith.constant 0 : index
// CHECK-NEXT:   %[[A:.*]] = memref.view %[[PART]][%[[C0]]][] : memref<?xi8> to memref<32xf32>
// CHECK-NEXT:   "test.write"(%[[A]])
// CHECK-NEXT:   %[[C128:.*]] = arith.constant 128 : index
// CHECK-NEXT:   %[[B:.*]] = memref.view %[[PART]][%[[C128]]][] : memref<?xi8> to memref<16xf32>
// CHECK-NEXT:   "test.copy"(%[[A]], %[[B]])
// CHECK-NEXT:   %[[C0:.*]] = arith.constant 0 : index
// CHECK-NEXT:   %[[C:.*]] = memref.view %[[PART]][%[[C0]]][] : memref<?xi8> to memref<32xf32>
// CHECK-NEXT:   "test.copy"(%[[B]], %[[C]])

// With a line behind each, %b is not at the same place of a page as %a.
// APART-LABEL: func.func private @images(
// APART:      arith.constant 320 : index
// APART:      %[[A:.*]] = memref.view %{{.*}}[%c0{{.*}}][] : memref<?xi8> to memref<32xf32>
// APART:      %[[B:.*]] = memref.view %{{.*}}[%c192{{.*}}][] : memref<?xi8> to memref<16xf32>
// APART-NEXT: "test.copy"(%[[A]], %[[B]])
func.func private @images(%scratch: memref<?xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  scf.parallel (%i) = (%c0) to (%c8) step (%c1) {
    %a = memref.alloc() : memref<32xf32>
    "test.write"(%a) : (memref<32xf32>) -> ()
    %b = memref.alloc() : memref<16xf32>
    "test.copy"(%a, %b) : (memref<32xf32>, memref<16xf32>) -> ()
    %c = memref.alloc() : memref<32xf32>
    "test.copy"(%b, %c) : (memref<16xf32>, memref<32xf32>) -> ()
    scf.reduce
  }
  return
}

// What is used in a loop, be it a part, lives until the loop's end: %b is not in
// its place. What runs once uses the memory of the first thread.
// CHECK-LABEL: func.func private @loop(
// CHECK-SAME: %[[SCRATCH:.*]]: memref<?xi8>)
// CHECK:      %[[A:.*]] = memref.view %[[SCRATCH]][%[[C0:.*]]][] : memref<?xi8> to memref<32xf32>
// CHECK-NEXT: scf.for
// CHECK-NEXT:   memref.subview %[[A]]
// CHECK:        %[[C128:.*]] = arith.constant 128 : index
// CHECK-NEXT:   memref.view %[[SCRATCH]][%[[C128]]][] : memref<?xi8> to memref<16xf32>
// CHECK:      %[[C0:.*]] = arith.constant 0 : index
// CHECK-NEXT: memref.view %[[SCRATCH]][%[[C0]]][] : memref<?xi8> to memref<32xf32>
func.func private @loop(%scratch: memref<?xi8>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %a = memref.alloc() : memref<32xf32>
  scf.for %i = %c0 to %c8 step %c1 {
    %part = memref.subview %a[0] [16] [1] : memref<32xf32> to memref<16xf32>
    "test.write"(%part) : (memref<16xf32>) -> ()
    %b = memref.alloc() : memref<16xf32>
    "test.write"(%b) : (memref<16xf32>) -> ()
  }
  %c = memref.alloc() : memref<32xf32>
  "test.write"(%c) : (memref<32xf32>) -> ()
  return
}

// CHECK-LABEL: func.func private @once(
// CHECK-NOT:  memref.alloc
// CHECK:      memref.view %{{.*}} : memref<?xi8> to memref<100xf32>
func.func private @once(%scratch: memref<?xi8>) {
  %a = memref.alloc() : memref<100xf32>
  "test.write"(%a) : (memref<100xf32>) -> ()
  return
}
