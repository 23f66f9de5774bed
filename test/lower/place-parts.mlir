// Element-wise ops compute their results where they are inserted.
// RUN: dale-opt %s --dale-place-parts --canonicalize | FileCheck %s

// The inside of a padded map. The map it is padded in is made before.
// CHECK-LABEL: func.func @padded(
// CHECK:      %[[ZEROS:.*]] = linalg.fill
// CHECK:      %[[INSIDE:.*]] = tensor.extract_slice %[[ZEROS]][0, 1, 1, 0] [1, 4, 4, 8]
// CHECK:      %[[ABS:.*]] = linalg.generic {{.*}} outs(%[[INSIDE]] : tensor<1x4x4x8xf32>)
// CHECK:      tensor.insert_slice %[[ABS]] into %[[ZEROS]][0, 1, 1, 0]
#map = affine_map<(n, h, w, c) -> (n, h, w, c)>
func.func @padded(%x: tensor<1x4x4x8xf32>) -> tensor<1x6x6x8xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x4x8xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x4x4x8xf32>) outs(%e : tensor<1x4x4x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.absf %a : f32
    linalg.yield %b : f32
  } -> tensor<1x4x4x8xf32>
  %f = tensor.empty() : tensor<1x6x6x8xf32>
  %1 = linalg.fill ins(%zero : f32) outs(%f : tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  %2 = tensor.insert_slice %0 into %1[0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
      : tensor<1x4x4x8xf32> into tensor<1x6x6x8xf32>
  return %2 : tensor<1x6x6x8xf32>
}

// A tensor of zeros that others start from as well is made once more.
// CHECK-LABEL: func.func @shared_zeros(
// CHECK:      %[[ZEROS:.*]] = linalg.fill
// CHECK:      %[[INSIDE:.*]] = tensor.extract_slice %[[ZEROS]]
// CHECK:      %[[ABS:.*]] = linalg.generic {{.*}} outs(%[[INSIDE]] :
// CHECK:      %[[OTHERS:.*]] = linalg.fill
// CHECK:      %[[PADDED:.*]] = tensor.insert_slice %[[ABS]] into %[[ZEROS]]
// CHECK:      %[[COPIED:.*]] = tensor.insert_slice %{{.*}} into %[[OTHERS]]
// CHECK:      return %[[PADDED]], %[[COPIED]]
func.func @shared_zeros(%x: tensor<1x4x4x8xf32>)
    -> (tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x4x4x8xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x4x4x8xf32>) outs(%e : tensor<1x4x4x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.absf %a : f32
    linalg.yield %b : f32
  } -> tensor<1x4x4x8xf32>
  %f = tensor.empty() : tensor<1x6x6x8xf32>
  %1 = linalg.fill ins(%zero : f32) outs(%f : tensor<1x6x6x8xf32>) -> tensor<1x6x6x8xf32>
  %2 = tensor.insert_slice %0 into %1[0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
      : tensor<1x4x4x8xf32> into tensor<1x6x6x8xf32>
  %3 = tensor.insert_slice %x into %1[0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
      : tensor<1x4x4x8xf32> into tensor<1x6x6x8xf32>
  return %2, %3 : tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>
}

// What has other uses is computed in both places.
// CHECK-LABEL: func.func @used_again(
// CHECK-SAME: %{{.*}}, %[[WHOLE:.*]]: tensor<1x6x6x8xf32>)
// CHECK:      %[[INSIDE:.*]] = tensor.extract_slice %[[WHOLE]]
// CHECK:      %[[ABS:.*]]:2 = linalg.generic {{.*}} outs(%{{.*}}, %[[INSIDE]] :
// CHECK:        linalg.yield %[[B:.*]], %[[B]] : f32, f32
// CHECK:      %[[PADDED:.*]] = tensor.insert_slice %[[ABS]]#1 into %[[WHOLE]]
// CHECK:      return %[[PADDED]], %[[ABS]]#0
func.func @used_again(%x: tensor<1x4x4x8xf32>, %whole: tensor<1x6x6x8xf32>)
    -> (tensor<1x6x6x8xf32>, tensor<1x4x4x8xf32>) {
  %e = tensor.empty() : tensor<1x4x4x8xf32>
  %0 = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x4x4x8xf32>) outs(%e : tensor<1x4x4x8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = math.absf %a : f32
    linalg.yield %b : f32
  } -> tensor<1x4x4x8xf32>
  %1 = tensor.insert_slice %0 into %whole[0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
      : tensor<1x4x4x8xf32> into tensor<1x6x6x8xf32>
  return %1, %0 : tensor<1x6x6x8xf32>, tensor<1x4x4x8xf32>
}

// Not what adds to a value, and not into what is computed later.
// CHECK-LABEL: func.func @not(
// CHECK-NOT:  tensor.extract_slice
func.func @not(%x: tensor<1x4x4x8xf32>, %s: tensor<1x4x4x8xf32>, %y: tensor<1x6x6x8xf32>)
    -> (tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>) {
  %e = tensor.empty() : tensor<1x4x4x8xf32>
  %0:2 = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : tensor<1x4x4x8xf32>) outs(%s, %e : tensor<1x4x4x8xf32>, tensor<1x4x4x8xf32>) {
  ^bb0(%a: f32, %o: f32, %p: f32):
    %b = arith.addf %a, %o : f32
    linalg.yield %b, %a : f32, f32
  } -> (tensor<1x4x4x8xf32>, tensor<1x4x4x8xf32>)
  %1 = tensor.insert_slice %0#0 into %y[0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
      : tensor<1x4x4x8xf32> into tensor<1x6x6x8xf32>
  %later = math.absf %y : tensor<1x6x6x8xf32>
  %2 = tensor.insert_slice %0#1 into %later[0, 1, 1, 0] [1, 4, 4, 8] [1, 1, 1, 1]
      : tensor<1x4x4x8xf32> into tensor<1x6x6x8xf32>
  return %1, %2 : tensor<1x6x6x8xf32>, tensor<1x6x6x8xf32>
}
