// RUN: dale-opt --dale-expand %s | FileCheck %s

// CHECK-LABEL: func.func @evaluate(
// elu: max(x, 0) + exp(min(x, 0)) - 1
// CHECK:       %[[MIN:.*]] = arith.minimumf %[[X:.*]], %{{.*}}
// CHECK:       %[[EXP:.*]] = math.exp %[[MIN]]
// CHECK:       %[[MAX:.*]] = arith.maximumf %[[X]], %{{.*}}
// CHECK:       %[[ONE:.*]] = arith.addf %[[EXP]]
// CHECK:       arith.addf %[[MAX]], %[[ONE]]
// CHECK:       dale.softplus
// CHECK:       %[[TANH:.*]] = math.tanh
// CHECK:       arith.maximumf %[[TANH]]
// power: max(x, 0)³
// CHECK:       %[[R:.*]] = arith.maximumf
// CHECK:       %[[R2:.*]] = arith.mulf %[[R]], %[[R]]
// CHECK:       arith.mulf %[[R2]], %[[R]]
dale.circuit @c steps(1) input([4, 4, 3]) {
  dale.area @a {
    dale.population @A channels(2) principal {activation = #dale<activation elu>}
    dale.population @B channels(2) principal {activation = #dale<activation softplus>}
    dale.population @C channels(2) principal {activation = #dale<activation rectified_tanh>}
    dale.population @D channels(2) principal {activation = #dale<activation power>, exponent = 3}
    dale.projection @input to @A long_range excitatory
    dale.projection @input to @B long_range excitatory
    dale.projection @input to @C long_range excitatory
    dale.projection @input to @D long_range excitatory
  }
  dale.readout classes(2) time(last)
}
