// Batch norms as sums over the batch and arithmetic.
// RUN: dale-opt %s --dale-decompose-norms --canonicalize --cse | FileCheck %s

// Two sums over all samples, arithmetic on channels, a multiply-add a pixel. A
// variance is never negative.
// CHECK-LABEL: func.func @forward(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x8x8x4xf32>, %[[SCALE:[a-z0-9]+]]: tensor<4xf32>, %[[OFFSET:[a-z0-9]+]]: tensor<4xf32>, %[[N:[a-z0-9]+]]: tensor<f32>
// CHECK-DAG:  %[[ONE:.*]] = arith.constant dense<1.0{{.*}}> : tensor<4xf32>
// CHECK-DAG:  %[[EPSILON:.*]] = arith.constant dense<9.99999974E-6> : tensor<4xf32>
// CHECK-DAG:  %[[ZERO:.*]] = arith.constant dense<0.0{{.*}}> : tensor<4xf32>
// CHECK-DAG:  %[[PIXELS:.*]] = arith.constant dense<6.4{{.*}}+01> : tensor<f32>
// CHECK:      %[[COUNT:.*]] = arith.mulf %[[N]], %[[PIXELS]]
// CHECK-NEXT: %[[SAMPLES:.*]] = dale.broadcast %[[COUNT]] along [0] : tensor<f32> -> tensor<4xf32>
// CHECK-NEXT: %[[SUM:.*]] = dale.reduce %[[X]] over [0, 1, 2] : tensor<?x8x8x4xf32> -> tensor<4xf32>
// CHECK-NEXT: %[[MEAN:.*]] = arith.divf %[[SUM]], %[[SAMPLES]]
// CHECK-NEXT: %[[XX:.*]] = arith.mulf %[[X]], %[[X]]
// CHECK-NEXT: %[[SQUARES:.*]] = dale.reduce %[[XX]] over [0, 1, 2]
// CHECK-NEXT: %[[MEAN_SQUARE:.*]] = arith.divf %[[SQUARES]], %[[SAMPLES]]
// CHECK-NEXT: %[[SQUARE:.*]] = arith.mulf %[[MEAN]], %[[MEAN]]
// CHECK-NEXT: %[[DIFFERENCE:.*]] = arith.subf %[[MEAN_SQUARE]], %[[SQUARE]]
// CHECK-NEXT: %[[VARIANCE:.*]] = arith.maximumf %[[DIFFERENCE]], %[[ZERO]]
// CHECK-NEXT: %[[SHIFTED:.*]] = arith.addf %[[VARIANCE]], %[[EPSILON]]
// CHECK-NEXT: %[[DEVIATION:.*]] = math.sqrt %[[SHIFTED]]
// CHECK-NEXT: %[[INVERSE:.*]] = arith.divf %[[ONE]], %[[DEVIATION]]
// CHECK-NEXT: %[[A:.*]] = arith.mulf %[[SCALE]], %[[INVERSE]]
// CHECK-NEXT: %[[SHIFT:.*]] = arith.mulf %[[MEAN]], %[[A]]
// CHECK-NEXT: %[[B:.*]] = arith.subf %[[OFFSET]], %[[SHIFT]]
// CHECK-NEXT: %[[BS:.*]] = dale.broadcast %[[B]] along [0, 1, 2] like %[[X]]
// CHECK-NEXT: %[[AS:.*]] = dale.broadcast %[[A]] along [0, 1, 2] like %[[X]]
// CHECK-NEXT: %[[AX:.*]] = arith.mulf %[[X]], %[[AS]] : tensor<?x8x8x4xf32>
// CHECK-NEXT: %[[Y:.*]] = arith.addf %[[AX]], %[[BS]] : tensor<?x8x8x4xf32>
// CHECK-NEXT: return %[[Y]], %[[MEAN]], %[[VARIANCE]]
func.func @forward(%x: tensor<?x8x8x4xf32>, %scale: tensor<4xf32>,
                   %offset: tensor<4xf32>, %n: tensor<f32>)
    -> (tensor<?x8x8x4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %y, %mean, %variance = dale.batch_norm %x, %scale, %offset count %n epsilon 1.0e-5
      : tensor<?x8x8x4xf32>, tensor<4xf32>, tensor<f32>
  return %y, %mean, %variance : tensor<?x8x8x4xf32>, tensor<4xf32>, tensor<4xf32>
}

// The cotangent of the input is A ∘ dy − B ∘ x + C: with x̂ = (x − mean) / deviation
// and a = scale / deviation, A = a, B = a / deviation ∘ Σ(dy ∘ x̂) / n and
// C = B ∘ mean − a ∘ Σdy / n.
// CHECK-LABEL: func.func @gradient(
// CHECK-SAME: %[[DY:[a-z0-9]+]]: tensor<?x8x8x4xf32>, %[[X:[a-z0-9]+]]: tensor<?x8x8x4xf32>, %[[SCALE:[a-z0-9]+]]: tensor<4xf32>, %[[MEAN:[a-z0-9]+]]: tensor<4xf32>, %[[VARIANCE:[a-z0-9]+]]: tensor<4xf32>
// CHECK:      %[[SAMPLES:.*]] = dale.broadcast %{{.*}} along [0]
// CHECK:      %[[INVERSE:.*]] = arith.divf
// CHECK-NEXT: %[[SHIFT:.*]] = arith.mulf %[[MEAN]], %[[INVERSE]]
// CHECK-NEXT: %[[SHIFTS:.*]] = dale.broadcast %[[SHIFT]] along [0, 1, 2]
// CHECK-NEXT: %[[INVERSES:.*]] = dale.broadcast %[[INVERSE]] along [0, 1, 2]
// CHECK-NEXT: %[[SCALED:.*]] = arith.mulf %[[X]], %[[INVERSES]]
// CHECK-NEXT: %[[NORMALIZED:.*]] = arith.subf %[[SCALED]], %[[SHIFTS]]
// CHECK-NEXT: %[[DO:.*]] = dale.reduce %[[DY]] over [0, 1, 2]
// CHECK-NEXT: %[[PRODUCT:.*]] = arith.mulf %[[DY]], %[[NORMALIZED]]
// CHECK-NEXT: %[[DS:.*]] = dale.reduce %[[PRODUCT]] over [0, 1, 2]
// CHECK-NEXT: %[[A:.*]] = arith.mulf %[[SCALE]], %[[INVERSE]]
// CHECK-NEXT: %[[MEAN_DS:.*]] = arith.divf %[[DS]], %[[SAMPLES]]
// CHECK-NEXT: %[[SLOPE:.*]] = arith.mulf %[[A]], %[[INVERSE]]
// CHECK-NEXT: %[[B:.*]] = arith.mulf %[[SLOPE]], %[[MEAN_DS]]
// CHECK-NEXT: %[[MEAN_DO:.*]] = arith.divf %[[DO]], %[[SAMPLES]]
// CHECK-NEXT: %[[C1:.*]] = arith.mulf %[[A]], %[[MEAN_DO]]
// CHECK-NEXT: %[[C0:.*]] = arith.mulf %[[B]], %[[MEAN]]
// CHECK-NEXT: %[[C:.*]] = arith.subf %[[C0]], %[[C1]]
// CHECK-NEXT: %[[CS:.*]] = dale.broadcast %[[C]] along [0, 1, 2]
// CHECK-NEXT: %[[BS:.*]] = dale.broadcast %[[B]] along [0, 1, 2]
// CHECK-NEXT: %[[BX:.*]] = arith.mulf %[[X]], %[[BS]]
// CHECK-NEXT: %[[AS:.*]] = dale.broadcast %[[A]] along [0, 1, 2]
// CHECK-NEXT: %[[ADY:.*]] = arith.mulf %[[DY]], %[[AS]]
// CHECK-NEXT: %[[LINEAR:.*]] = arith.subf %[[ADY]], %[[BX]]
// CHECK-NEXT: %[[DX:.*]] = arith.addf %[[LINEAR]], %[[CS]]
// CHECK-NEXT: return %[[DX]], %[[DS]], %[[DO]]
func.func @gradient(%dy: tensor<?x8x8x4xf32>, %x: tensor<?x8x8x4xf32>,
                    %scale: tensor<4xf32>, %mean: tensor<4xf32>,
                    %variance: tensor<4xf32>, %n: tensor<f32>)
    -> (tensor<?x8x8x4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %dx, %ds, %do = dale.batch_norm_grad %dy, %x, %scale, %mean, %variance count %n epsilon 1.0e-5
      : tensor<?x8x8x4xf32>, tensor<4xf32>, tensor<f32>
  return %dx, %ds, %do : tensor<?x8x8x4xf32>, tensor<4xf32>, tensor<4xf32>
}

// Of vectors every image is one sample.
// CHECK-LABEL: func.func @dense(
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf64>, {{.*}}, %[[N:[a-z0-9]+]]: tensor<f64>)
// CHECK:      %[[SAMPLES:.*]] = dale.broadcast %[[N]] along [0] : tensor<f64> -> tensor<4xf64>
// CHECK-NEXT: %[[SUM:.*]] = dale.reduce %[[X]] over [0] : tensor<?x4xf64> -> tensor<4xf64>
// CHECK-NEXT: arith.divf %[[SUM]], %[[SAMPLES]]
func.func @dense(%x: tensor<?x4xf64>, %scale: tensor<4xf64>,
                 %offset: tensor<4xf64>, %n: tensor<f64>) -> tensor<?x4xf64> {
  %y, %mean, %variance = dale.batch_norm %x, %scale, %offset count %n epsilon 1.0e-3
      : tensor<?x4xf64>, tensor<4xf64>, tensor<f64>
  return %y : tensor<?x4xf64>
}
