// RUN: dale-opt %s --dale-expand --split-input-file | FileCheck %s

// A norm on the current acts before the activation; each step has its own row.
// CHECK-LABEL: dale.name = "current"
// CHECK-LABEL: func.func @forward
// CHECK-SAME: %[[COUNT:[a-z0-9]*]]: tensor<f32> {dale.buffer = "count"}
// CHECK:      %[[CURRENT:.*]] = arith.addf
// CHECK-NEXT: %[[S:.*]] = dale.read @a.E.norm.scale[0]
// CHECK-NEXT: %[[O:.*]] = dale.read @a.E.norm.offset[0]
// CHECK-NEXT: %[[Y:.*]], %{{.*}}, %{{.*}} = dale.batch_norm %[[CURRENT]], %[[S]], %[[O]] count %[[COUNT]] epsilon 1.000000e-05
// CHECK:      arith.maximumf %[[Y]]
// CHECK:      dale.read @a.E.norm.scale[1]
// CHECK-NEXT: dale.read @a.E.norm.offset[1]
// CHECK-NEXT: dale.batch_norm
dale.circuit @current steps(2) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal {
      norm = #dale.norm<decay = 0.9 : f64, epsilon = 1.0e-5 : f64>}
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
}

// -----

// What a norm on the memory leaves is what the next step's memory gate reads. It
// can be negative: it is activated before it leaves the population.
// CHECK-LABEL: dale.name = "memory"
// CHECK-LABEL: func.func @forward
// CHECK:      %[[X0:.*]] = arith.maximumf
// CHECK:      %[[C0:.*]], %{{.*}}, %{{.*}} = dale.batch_norm %[[X0]]
// CHECK:      %[[F:.*]] = dale.sigmoid
// CHECK-NEXT: %[[KEPT:.*]] = arith.mulf %[[F]], %[[C0]]
// CHECK-NEXT: %[[SUM:.*]] = arith.addf %[[KEPT]]
// CHECK:      %[[C1:.*]], %{{.*}}, %{{.*}} = dale.batch_norm %[[SUM]]
// CHECK:      %[[E1:.*]] = arith.maximumf %[[C1]]
// CHECK-NEXT: dale.reduce %[[E1]]
dale.circuit @memory steps(2) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal {
      norm = #dale.norm<decay = 0.9 : f64, epsilon = 1.0e-5 : f64>,
      norm_site = #dale<norm_site memory>}
    dale.gate @f on @E memory multiply
    dale.projection @input to @E long_range excitatory
    dale.projection @input to @f long_range excitatory
  }
  dale.readout classes(5) time(last)
}

// -----

// The moving averages take the batch's mean, and its variance as of a sample:
// · n / (n − 1), with n = images · pixels. Time steps that share a norm update
// its averages in turn.
// CHECK-LABEL: dale.name = "shared"
// CHECK-LABEL: func.func @forward
// CHECK-SAME: %[[COUNT:[a-z0-9]*]]: tensor<f32> {dale.buffer = "count"}
// CHECK:      %[[S:.*]] = dale.read @a.E.norm.scale of
// CHECK-NEXT: %[[O:.*]] = dale.read @a.E.norm.offset of
// CHECK-NEXT: %{{.*}}, %[[M0:.*]], %[[V0:.*]] = dale.batch_norm %{{.*}}, %[[S]], %[[O]]
// CHECK-NEXT: %[[OLD:.*]] = dale.read @a.E.norm.mean of
// CHECK:      %[[DECAY:.*]] = arith.constant dense<7.5{{0*}}e-01> : tensor<2xf32>
// CHECK-NEXT: %[[A:.*]] = arith.mulf %[[OLD]], %[[DECAY]]
// CHECK-NEXT: %[[RATE:.*]] = arith.constant dense<2.5{{0*}}e-01> : tensor<2xf32>
// CHECK-NEXT: %[[B:.*]] = arith.mulf %[[M0]], %[[RATE]]
// CHECK-NEXT: %[[MEAN0:.*]] = arith.addf %[[A]], %[[B]]
// CHECK:      %[[PIXELS:.*]] = arith.constant dense<1.6{{0*}}e+01> : tensor<f32>
// CHECK-NEXT: %[[N:.*]] = arith.mulf %[[COUNT]], %[[PIXELS]]
// CHECK-NEXT: %[[ONE:.*]] = arith.constant dense<1.0{{.*}}> : tensor<f32>
// CHECK-NEXT: %[[N1:.*]] = arith.subf %[[N]], %[[ONE]]
// CHECK-NEXT: %[[D:.*]] = arith.maximumf %[[N1]], %[[ONE]]
// CHECK-NEXT: %[[RATIO:.*]] = arith.divf %[[N]], %[[D]]
// CHECK-NEXT: %[[R:.*]] = dale.broadcast %[[RATIO]] along [0]
// CHECK-NEXT: arith.mulf %[[V0]], %[[R]]
// CHECK:      %{{.*}}, %[[M1:.*]], %{{.*}} = dale.batch_norm %{{.*}}, %[[S]], %[[O]]
// CHECK:      %[[A1:.*]] = arith.mulf %[[MEAN0]]
// CHECK:      %[[B1:.*]] = arith.mulf %[[M1]]
// CHECK-NEXT: %[[MEAN1:.*]] = arith.addf %[[A1]], %[[B1]]
// CHECK:      dale.pack %[[MEAN1]], %{{.*}} : tensor<2xf32>, tensor<2xf32> as [@a.E.norm.mean, @a.E.norm.variance] rows [-1, -1]
dale.circuit @shared steps(2) input([4, 4, 3]) {
  dale.area @a {
    dale.population @E channels(2) principal {
      norm = #dale.norm<shared = true, decay = 0.75 : f64, epsilon = 1.0e-5 : f64>}
    dale.projection @input to @E long_range excitatory
  }
  dale.readout classes(5) time(last)
}
