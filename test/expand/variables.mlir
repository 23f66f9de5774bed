// RUN: dale-opt %s --dale-expand | FileCheck %s

// Every parameter and moving average has its name from models.md and starts at a
// multiple of 16 elements of its buffer. Norms of populations have one row a time
// step, unless time steps share them.

dale.circuit @names steps(3) input([8, 8, 3]) {
  dale.area @area1 channels(4)
      norm(<decay = 0.997 : f64, epsilon = 1.0e-5 : f64>)
      attributes {kernel = 5 : i64} {}
  dale.area @area2 {
    dale.population @E channels(2) principal {
      norm = #dale.norm<decay = 0.997 : f64, epsilon = 1.0e-5 : f64>}
    dale.population @I channels(6) {
      norm = #dale.norm<shared = true, decay = 0.9 : f64, epsilon = 1.0e-5 : f64>}
    dale.gate @f on @E memory leak
    dale.gate @o on @E output subtract
    dale.projection @input to @E long_range excitatory
    dale.projection @E to @I local excitatory {kernel = #dale<kernel regular>, size = 5 : i64}
    dale.projection @I to @o local inhibitory
  }
  dale.readout classes(10) time(last)
}

// CHECK:      dale.variable @area1.weight parameter at 0 : tensor<5x5x3x4xf32> init #dale.truncated_normal<75>
// CHECK-NEXT: dale.variable @area1.norm.scale parameter at 304 : tensor<4xf32> init #dale.constant<1.0{{.*}}>
// CHECK-NEXT: dale.variable @area1.norm.offset parameter at 320 : tensor<4xf32> init #dale.constant<0.0{{.*}}>
// CHECK-NEXT: dale.variable @area1.norm.mean average at 0 : tensor<4xf32> init #dale.constant<0.0{{.*}}>
// CHECK-NEXT: dale.variable @area1.norm.variance average at 16 : tensor<4xf32> init #dale.constant<1.0{{.*}}>

// CHECK-NEXT: dale.variable @area2.input_to_E.depthwise parameter at 336 : tensor<3x3x4xf32> init #dale.glorot_uniform<36, 9>
// CHECK-NEXT: dale.variable @area2.input_to_E.pointwise parameter at 384 : tensor<4x2xf32> init #dale.glorot_uniform<4, 2>
// CHECK-NEXT: dale.variable @area2.E.bias parameter at 400 : tensor<2xf32> init #dale.constant<0.0{{.*}}>
// CHECK-NEXT: dale.variable @area2.E.norm.scale parameter at 416 : tensor<3x2xf32>
// CHECK-NEXT: dale.variable @area2.E.norm.offset parameter at 432 : tensor<3x2xf32>
// CHECK-NEXT: dale.variable @area2.E.norm.mean average at 32 : tensor<3x2xf32>
// CHECK-NEXT: dale.variable @area2.E.norm.variance average at 48 : tensor<3x2xf32>
// CHECK-NEXT: dale.variable @area2.f.leak parameter at 448 : tensor<2xf32> init #dale.glorot_uniform<2, 2>
// CHECK-NEXT: dale.variable @area2.I_to_o.depthwise
// CHECK-NEXT: dale.variable @area2.I_to_o.pointwise
// CHECK-NEXT: dale.variable @area2.o.bias

// CHECK-NEXT: dale.variable @area2.E_to_I.weight parameter at {{.*}} : tensor<5x5x2x6xf32> init #dale.glorot_uniform<50, 150>
// CHECK-NEXT: dale.variable @area2.I.bias
// CHECK-NEXT: dale.variable @area2.I.norm.scale parameter at {{.*}} : tensor<6xf32>
// CHECK:      dale.variable @readout.weight parameter at {{.*}} : tensor<2x10xf32> init #dale.glorot_uniform<2, 10>
// CHECK-NEXT: dale.variable @readout.bias parameter at [[#BIAS:]] : tensor<10xf32>

// A buffer ends at a multiple of 16 elements, too.
// CHECK: func.func @evaluate(%{{.*}}: tensor<[[#BIAS + 16]]xf32> {dale.buffer = "parameters"}, %{{.*}}: tensor<96xf32> {dale.buffer = "averages"}
