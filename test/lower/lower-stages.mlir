// Stages become loops over images, functions entry points of the executable.
// RUN: dale-opt %s --dale-lower-stages=chunks=8 --canonicalize --cse --split-input-file | FileCheck %s

// The entry point: one flat buffer for each name of the binary interface in its
// order, the batch's size, the workspace. Places are views: what a stage sums
// over images and what is done once stand first, then what there is of every
// image, behind it the threads' scratch memory. An image's entries of %x (32 bytes),
// %y (16, written and read) and %z (16) are what the two stages over images move.
// CHECK-LABEL: func.func @dale_evaluate(
// CHECK-SAME: %[[PARAMETERS:.*]]: memref<?xi8>, %{{.*}}: memref<?xi8>, %[[IMAGES:.*]]: memref<?xi8>, %[[LOGITS:.*]]: memref<?xi8>, %[[N:.*]]: i64, %[[WORKSPACE:.*]]: memref<?xi8>)
// CHECK-SAME: attributes {dale.cost = {bytes_per_image = 80 : i64, stages = 2 : i64}, dale.workspace = {fixed = 256 : i64, per_image = 64 : i64}, llvm.emit_c_interface}
// CHECK-DAG:  %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG:  %[[C256:.*]] = arith.constant 256 : index
// CHECK:      %[[BATCH:.*]] = arith.index_cast %[[N]] : i64 to index
// CHECK:      %[[PER_IMAGE:.*]] = arith.muli %[[BATCH]], %{{.*}}
// CHECK-NEXT: %[[END:.*]] = arith.addi %[[PER_IMAGE]], %[[C256]]
// CHECK:      %[[SCRATCH:.*]] = memref.view %[[WORKSPACE]][%[[END]]][%{{.*}}] : memref<?xi8> to memref<?xi8>
// CHECK-NEXT: %[[THETA:.*]] = memref.view %[[PARAMETERS]][%[[C0]]][] : memref<?xi8> to memref<16xf32>
// CHECK-NEXT: %[[W:.*]] = memref.view %[[WORKSPACE]][%{{.*}}][] : memref<?xi8> to memref<4x4xf32>
// CHECK-NEXT: call @weights(%[[THETA]], %[[W]], %[[SCRATCH]])
// CHECK-NEXT: %[[X:.*]] = memref.view %[[IMAGES]][%[[C0]]][%[[BATCH]]] : memref<?xi8> to memref<?x2x4xf32>
// CHECK-NEXT: %[[Y:.*]] = memref.view %[[WORKSPACE]][%[[C256]]][%[[BATCH]]] : memref<?xi8> to memref<?x4xf32>
// CHECK-NEXT: %[[SUM:.*]] = memref.view %[[WORKSPACE]][%{{.*}}][] : memref<?xi8> to memref<4xf32>
// CHECK-NEXT: %[[PARTS:.*]] = memref.view %[[WORKSPACE]][%{{.*}}][] : memref<?xi8> to memref<8x4xf32>
// CHECK-NEXT: call @products(%[[X]], %[[W]], %[[Y]], %[[SUM]], %[[PARTS]], %[[SCRATCH]])
// CHECK-NEXT: %[[Z:.*]] = memref.view %[[LOGITS]][%[[C0]]][%[[BATCH]]] : memref<?xi8> to memref<?x4xf32>
// CHECK-NEXT: call @subtract(%[[Y]], %[[SUM]], %[[Z]], %[[SCRATCH]])
// CHECK-NEXT: return
// CHECK-NOT:  func.func @evaluate
func.func @evaluate(%theta: tensor<16xf32> {dale.buffer = "parameters"},
                    %x: tensor<?x2x4xf32> {dale.buffer = "images"})
    -> (tensor<?x4xf32> {dale.buffer = "logits"}) {
  %w = call @weights(%theta) : (tensor<16xf32>) -> tensor<4x4xf32>
  %y, %sum = call @products(%x, %w)
      : (tensor<?x2x4xf32>, tensor<4x4xf32>) -> (tensor<?x4xf32>, tensor<4xf32>)
  %z = call @subtract(%y, %sum) : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  return %z : tensor<?x4xf32>
}

// What runs once has no loop.
// CHECK-LABEL: func.func private @weights(
// CHECK-SAME: %[[IN:.*]]: memref<16xf32>, %[[OUT:.*]]: memref<4x4xf32>, %{{.*}}: memref<?xi8>)
// CHECK-NEXT: %[[THETA:.*]] = bufferization.to_tensor %[[IN]] restrict
// CHECK-NEXT: %[[W:.*]] = dale.read @w of %[[THETA]]
// CHECK-NEXT: bufferization.materialize_in_destination %[[W]] in restrict writable %[[OUT]]
// CHECK-NEXT: return
dale.variable @w parameter at 0 : tensor<4x4xf32> init #dale.constant<0.0>
func.func private @weights(%theta: tensor<16xf32>) -> tensor<4x4xf32> {
  %0 = dale.stage once ins(%theta : tensor<16xf32>) {
  ^bb0(%t: tensor<16xf32>):
    %w = dale.read @w of %t : tensor<16xf32> -> tensor<4x4xf32>
    dale.yield %w : tensor<4x4xf32>
  } -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}

// A parallel loop over chunks of the batch, a sequential one over a chunk's
// images. The sum over images starts from zero in every chunk and is carried
// through the loop as an accumulator; the chunks are added up in their order.
// CHECK-LABEL: func.func private @products(
// CHECK-SAME: %[[X:.*]]: memref<?x2x4xf32>, %[[W:.*]]: memref<4x4xf32>, %[[Y:.*]]: memref<?x4xf32>, %[[SUM:.*]]: memref<4xf32>, %[[PARTS:.*]]: memref<8x4xf32>, %{{.*}}: memref<?xi8>)
// CHECK:      %[[ZERO:.*]] = arith.constant 0.0{{.*}} : f32
// CHECK:      %[[C8:.*]] = arith.constant 8 : index
// CHECK:      %[[N:.*]] = memref.dim %[[X]]
// CHECK-NEXT: scf.parallel (%[[CHUNK:.*]]) = (%{{.*}}) to (%[[C8]])
// CHECK-NEXT:   %[[B:.*]] = arith.muli %[[CHUNK]], %[[N]]
// CHECK-NEXT:   %[[BEGIN:.*]] = arith.divui %[[B]], %[[C8]]
// CHECK-NEXT:   %[[NEXT:.*]] = arith.addi %[[CHUNK]], %{{.*}}
// CHECK-NEXT:   %[[E:.*]] = arith.muli %[[NEXT]], %[[N]]
// CHECK-NEXT:   %[[END:.*]] = arith.divui %[[E]], %[[C8]]
// CHECK-NEXT:   %[[PART:.*]] = memref.subview %[[PARTS]][%[[CHUNK]], 0] [1, 4] [1, 1]
// CHECK-NEXT:   %[[P:.*]] = bufferization.to_tensor %[[PART]] restrict writable
// CHECK-NEXT:   %[[START:.*]] = linalg.fill ins(%[[ZERO]] : f32) outs(%[[P]]
// CHECK-NEXT:   %[[S:.*]] = scf.for %[[IMAGE:.*]] = %[[BEGIN]] to %[[END]] {{.*}} iter_args(%[[ACC:.*]] = %[[START]]) -> (tensor<4xf32>)
// CHECK-NEXT:     %[[XI:.*]] = memref.subview %[[X]][%[[IMAGE]], 0, 0] [1, 2, 4] [1, 1, 1]
// CHECK:          %[[R:.*]] = dale.reduce %{{.*}} over [1]
// CHECK-NEXT:     %[[T:.*]] = dale.reduce %[[R]] acc %[[ACC]] over [0]
// CHECK-NEXT:     %[[YI:.*]] = memref.subview %[[Y]][%[[IMAGE]], 0] [1, 4] [1, 1]
// CHECK-NEXT:     bufferization.materialize_in_destination %[[R]] in restrict writable %[[YI]]
// CHECK-NEXT:     scf.yield %[[T]]
// CHECK:        bufferization.materialize_in_destination %[[S]] in restrict writable %[[PART]]
// CHECK:      %[[ALL:.*]] = bufferization.to_tensor %[[PARTS]] restrict
// CHECK:      %[[TOTAL:.*]] = linalg.generic {{.*}}iterator_types = ["reduction", "parallel"]} ins(%[[ALL]]
// CHECK:      bufferization.materialize_in_destination %[[TOTAL]] in restrict writable %[[SUM]]
func.func private @products(%x: tensor<?x2x4xf32>, %w: tensor<4x4xf32>)
    -> (tensor<?x4xf32>, tensor<4xf32>) {
  %0:2 = dale.stage ins(%x, %w : tensor<?x2x4xf32>, tensor<4x4xf32>) {
  ^bb0(%x1: tensor<1x2x4xf32>, %w1: tensor<4x4xf32>):
    %y1 = dale.pointwise_conv %x1, %w1
        : tensor<1x2x4xf32>, tensor<4x4xf32> -> tensor<1x2x4xf32>
    %r1 = dale.reduce %y1 over [1] : tensor<1x2x4xf32> -> tensor<1x4xf32>
    %s1 = dale.reduce %r1 over [0] : tensor<1x4xf32> -> tensor<4xf32>
    dale.yield %r1, %s1 : tensor<1x4xf32>, tensor<4xf32>
  } -> tensor<?x4xf32>, tensor<4xf32>
  return %0#0, %0#1 : tensor<?x4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func.func private @subtract(
// CHECK:      scf.parallel
// CHECK:        scf.for
// CHECK-NOT:    iter_args
// CHECK:          arith.subf
func.func private @subtract(%y: tensor<?x4xf32>, %s: tensor<4xf32>) -> tensor<?x4xf32> {
  %0 = dale.stage ins(%y, %s : tensor<?x4xf32>, tensor<4xf32>) {
  ^bb0(%y1: tensor<1x4xf32>, %s1: tensor<4xf32>):
    %b = dale.broadcast %s1 along [0] : tensor<4xf32> -> tensor<1x4xf32>
    %z1 = arith.subf %y1, %b : tensor<1x4xf32>
    dale.yield %z1 : tensor<1x4xf32>
  } -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

// What comes into the optimizer's buffers is computed in the first of them, in place,
// and copied to others when everything is done. Results behind each other in one
// buffer have offsets; the batch's size is a real number in the workspace. Networks side by
// side have one learning rate.
// CHECK-LABEL: func.func @dale_train_step(
// CHECK-SAME: %[[PARAMETERS:[a-z0-9]+]]: memref<?xi8>, %[[MOMENTA:[a-z0-9]+]]: memref<?xi8>, %{{.*}}: memref<?xi8>, %{{.*}}: memref<?xi8>, %{{.*}}: memref<?xi8>, %{{.*}}: memref<?xi8>, %{{.*}}: memref<?xi8>, %[[LOSSES:[a-z0-9]+]]: memref<?xi8>, %{{.*}}: memref<?xi8>, %[[N:[a-z0-9]+]]: i64, %[[WORKSPACE:[a-z0-9]+]]: memref<?xi8>)
// CHECK-SAME: dale.common = array<i32: 6>
// CHECK-DAG:  %[[C0:.*]] = arith.constant 0 : index
// CHECK-DAG:  %[[C4:.*]] = arith.constant 4 : index
// CHECK:      %[[REAL:.*]] = arith.sitofp %[[N]] : i64 to f32
// CHECK-NEXT: %[[COUNT:.*]] = memref.view %[[WORKSPACE]][%{{.*}}][] : memref<?xi8> to memref<f32>
// CHECK-NEXT: memref.store %[[REAL]], %[[COUNT]]
// CHECK:      %[[THETA:.*]] = memref.view %[[PARAMETERS]][%[[C0]]][] : memref<?xi8> to memref<4xf32>
// CHECK:      %[[M:.*]] = memref.view %[[MOMENTA]][%[[C0]]][] : memref<?xi8> to memref<4xf32>
// CHECK:      %[[LOSS:.*]] = memref.view %[[LOSSES]][%[[C4]]][] : memref<?xi8> to memref<f32>
// CHECK:      call @update(%[[THETA]], %[[M]], %[[COUNT]], %[[M]], %[[LOSS]],
// CHECK-NEXT: memref.copy %[[M]], %[[THETA]]
// CHECK-NEXT: return
func.func @train_step(%theta: tensor<4xf32> {dale.buffer = "parameters"},
                      %momenta: tensor<4xf32> {dale.buffer = "momenta"},
                      %n: tensor<f32> {dale.buffer = "count"})
    -> (tensor<4xf32> {dale.buffer = "momenta"},
        tensor<f32> {dale.buffer = "losses", dale.offset = 4},
        tensor<4xf32> {dale.buffer = "parameters"}) {
  %0:2 = call @update(%theta, %momenta, %n)
      : (tensor<4xf32>, tensor<4xf32>, tensor<f32>) -> (tensor<4xf32>, tensor<f32>)
  return %0#0, %0#1, %0#0 : tensor<4xf32>, tensor<f32>, tensor<4xf32>
}
func.func private @update(%theta: tensor<4xf32>, %m: tensor<4xf32>, %n: tensor<f32>)
    -> (tensor<4xf32>, tensor<f32>) {
  %0:2 = dale.stage once ins(%theta, %m, %n : tensor<4xf32>, tensor<4xf32>, tensor<f32>) {
  ^bb0(%t1: tensor<4xf32>, %m1: tensor<4xf32>, %n1: tensor<f32>):
    %sum = arith.addf %t1, %m1 : tensor<4xf32>
    dale.yield %sum, %n1 : tensor<4xf32>, tensor<f32>
  } -> tensor<4xf32>, tensor<f32>
  return %0#0, %0#1 : tensor<4xf32>, tensor<f32>
}

// -----

// Responses stand behind each other in one buffer, each as long as the batch.
// What is summed without an op that accumulates is added up.
// CHECK-LABEL: func.func @dale_respond(
// CHECK-SAME: %[[PARAMETERS:[a-z0-9]+]]: memref<?xi8>, %[[AVERAGES:[a-z0-9]+]]: memref<?xi8>, %[[IMAGES:[a-z0-9]+]]: memref<?xi8>, %[[LOGITS:[a-z0-9]+]]: memref<?xi8>, %[[RESPONSES:[a-z0-9]+]]: memref<?xi8>, %[[N:[a-z0-9]+]]: i64,
// CHECK:      %[[BATCH:.*]] = arith.index_cast %[[N]]
// CHECK-DAG:  memref.view %[[RESPONSES]][%{{.*}}][%[[BATCH]]] : memref<?xi8> to memref<?x4xf32>
// CHECK-DAG:  %[[SECOND:.*]] = arith.muli %[[BATCH]], %c16 : index
// CHECK-DAG:  memref.view %[[RESPONSES]][%[[SECOND]]][%[[BATCH]]] : memref<?xi8> to memref<?x4xf32>
// CHECK-LABEL: func.func private @stage(
// CHECK:      scf.for {{.*}} iter_args(%[[SUM:.*]] = %{{.*}})
// CHECK:        %[[Y:.*]] = math.absf
// CHECK:        %[[NEW:.*]] = arith.addf %[[SUM]], %[[Y]] : tensor<1x4xf32>
// CHECK:        scf.yield %[[NEW]]
func.func @respond(%x: tensor<?x4xf32> {dale.buffer = "images"})
    -> (tensor<1x4xf32> {dale.buffer = "logits"},
        tensor<?x4xf32> {dale.buffer = "responses"},
        tensor<?x4xf32> {dale.buffer = "responses"}) {
  %0:3 = call @stage(%x) : (tensor<?x4xf32>) -> (tensor<1x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>)
  return %0#0, %0#1, %0#2 : tensor<1x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}
func.func private @stage(%x: tensor<?x4xf32>)
    -> (tensor<1x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %0:3 = dale.stage ins(%x : tensor<?x4xf32>) {
  ^bb0(%x1: tensor<1x4xf32>):
    %y1 = math.absf %x1 : tensor<1x4xf32>
    %z1 = arith.negf %x1 : tensor<1x4xf32>
    dale.yield %y1, %y1, %z1 : tensor<1x4xf32>, tensor<1x4xf32>, tensor<1x4xf32>
  } -> tensor<1x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
  return %0#0, %0#1, %0#2 : tensor<1x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// What is not a batch has as many entries as its buffer has room for: the 24
// bytes of each image that there is to choose from.
// CHECK-LABEL: func.func @dale_prepare(
// CHECK-SAME: %[[BYTES:[a-z0-9]+]]: memref<?xi8>, %[[PICKS:[a-z0-9]+]]: memref<?xi8>, %[[DRAWS:[a-z0-9]+]]: memref<?xi8>, %{{.*}}: memref<?xi8>, %[[N:[a-z0-9]+]]: i64,
// CHECK:      %[[BATCH:.*]] = arith.index_cast %[[N]] : i64 to index
// CHECK:      %[[SIZE:.*]] = memref.dim %[[BYTES]]
// CHECK-NEXT: %[[M:.*]] = arith.divui %[[SIZE]], %c24
// CHECK-NEXT: %[[ALL:.*]] = memref.view %[[BYTES]][%c0][%[[M]]] : memref<?xi8> to memref<1x?x4x2x3xi8>
// CHECK-NEXT: %[[P:.*]] = memref.view %[[PICKS]][%c0][%[[BATCH]]] : memref<?xi8> to memref<?xi32>
// CHECK:      call @crop(%[[ALL]], %[[P]],
func.func @prepare(%bytes: tensor<1x?x4x2x3xi8> {dale.buffer = "bytes"},
                   %picks: tensor<?xi32> {dale.buffer = "picks"},
                   %draws: tensor<?x3xi32> {dale.buffer = "draws"})
    -> (tensor<?x4x2x3xf32> {dale.buffer = "images"}) {
  %0 = call @crop(%bytes, %picks, %draws)
      : (tensor<1x?x4x2x3xi8>, tensor<?xi32>, tensor<?x3xi32>) -> tensor<?x4x2x3xf32>
  return %0 : tensor<?x4x2x3xf32>
}
// Every image of the batch sees all of them.
// CHECK-LABEL: func.func private @crop(
// CHECK-SAME: %[[BYTES:.*]]: memref<1x?x4x2x3xi8>, %[[PICKS:.*]]: memref<?xi32>,
// CHECK:      scf.for %[[IMAGE:.*]] =
// CHECK:        %[[ALL:.*]] = bufferization.to_tensor %[[BYTES]] restrict
// CHECK:        memref.subview %[[PICKS]][%[[IMAGE]]] [1] [1]
// CHECK:        dale.crop %[[ALL]][%{{.*}}], %{{.*}} pad 1 : tensor<1x?x4x2x3xi8>, tensor<1xi32>,
func.func private @crop(%bytes: tensor<1x?x4x2x3xi8>, %picks: tensor<?xi32>,
                        %draws: tensor<?x3xi32>) -> tensor<?x4x2x3xf32> {
  %0 = dale.stage ins(%bytes, %picks, %draws
      : tensor<1x?x4x2x3xi8>, tensor<?xi32>, tensor<?x3xi32>) {
  ^bb0(%b: tensor<1x?x4x2x3xi8>, %p: tensor<1xi32>, %d: tensor<1x3xi32>):
    %x = dale.crop %b[%p], %d pad 1
        : tensor<1x?x4x2x3xi8>, tensor<1xi32>, tensor<1x3xi32> -> tensor<1x4x2x3xf32>
    dale.yield %x : tensor<1x4x2x3xf32>
  } -> tensor<?x4x2x3xf32>
  return %0 : tensor<?x4x2x3xf32>
}
