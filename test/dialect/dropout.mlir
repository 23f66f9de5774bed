// RUN: dale-opt %s | dale-opt | FileCheck %s

// CHECK-LABEL: func.func @dropout(
func.func @dropout(%keys: tensor<?xi32>) -> tensor<?x4x4x2xf32> {
  // CHECK: dale.dropout_mask %{{.*}} salt 3 keep 9.0{{.*}} : tensor<?xi32> -> tensor<?x4x4x2xf32>
  %0 = dale.dropout_mask %keys salt 3 keep 0.9 : tensor<?xi32> -> tensor<?x4x4x2xf32>
  return %0 : tensor<?x4x4x2xf32>
}
