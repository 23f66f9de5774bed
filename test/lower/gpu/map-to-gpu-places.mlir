// Places in a buffer are told apart by how they are computed.
// RUN: dale-opt %s --dale-map-to-gpu --canonicalize | FileCheck %s

func.func private @write(%a: memref<64xf32>) attributes {dale.kernel} {
  %f = arith.constant 1.0 : f32
  scf.forall (%i) in (64) {
    memref.store %f, %a[%i] : memref<64xf32>
  }
  return
}

// One place, computed twice: what is written there is read behind a barrier.
// CHECK-LABEL: func.func private @dale_evaluate_part_0(
// CHECK:      call @dale_evaluate_part_0_level_0(
// CHECK-NEXT: gpu.barrier
// CHECK-NEXT: call @dale_evaluate_part_0_level_1(
func.func @dale_evaluate(%w: memref<?xi8>, %n: i64) attributes {dale.workspace = {fixed = 0 : i64}} {
  %c256 = arith.constant 256 : index
  %images = arith.index_cast %n : i64 to index
  %begin = arith.muli %images, %c256 : index
  %same = arith.muli %c256, %images : index
  %x = memref.view %w[%begin][] : memref<?xi8> to memref<64xf32>
  %y = memref.view %w[%same][] : memref<?xi8> to memref<64xf32>
  func.call @write(%x) : (memref<64xf32>) -> ()
  func.call @write(%y) : (memref<64xf32>) -> ()
  return
}

// Two places: no barrier.
// CHECK-LABEL: func.func private @dale_respond_part_0(
// CHECK:      call @dale_respond_part_0_level_0(
// CHECK-NOT:  call
// CHECK:      return
func.func @dale_respond(%w: memref<?xi8>, %n: i64) attributes {dale.workspace = {fixed = 0 : i64}} {
  %c256 = arith.constant 256 : index
  %c512 = arith.constant 512 : index
  %images = arith.index_cast %n : i64 to index
  %begin = arith.muli %images, %c256 : index
  %other = arith.muli %images, %c512 : index
  %x = memref.view %w[%begin][] : memref<?xi8> to memref<64xf32>
  %y = memref.view %w[%other][] : memref<?xi8> to memref<64xf32>
  func.call @write(%x) : (memref<64xf32>) -> ()
  func.call @write(%y) : (memref<64xf32>) -> ()
  return
}
