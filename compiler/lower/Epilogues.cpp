//===- Epilogues.cpp - What goes on with a product --------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Epilogues.h"
#include "compiler/lower/Maps.h"
#include "compiler/lower/Products.h"

using namespace mlir;
using namespace dale;

/// Whether an op is a product with a result for each turn of its loops over
/// rows and columns, which one other op alone needs.
static bool isProductForOne(linalg::LinalgOp op) {
  return op.hasPureTensorSemantics() && op->hasOneUse() &&
         matchProductLoops(op) &&
         op.getIndexingMapsArray().back().isProjectedPermutation();
}

SmallVector<linalg::LinalgOp> dale::getEpilogueProducts(linalg::LinalgOp op) {
  SmallVector<linalg::LinalgOp> products;
  auto map = dyn_cast<linalg::GenericOp>(*op);
  if (!map || !isMap(map) || op.hasIndexSemantics())
    return products;
  AffineMap elements;
  for (OpOperand *input : op.getDpsInputOperands()) {
    AffineMap index = op.getMatchingIndexingMap(input);
    auto product = input->get().getDefiningOp<linalg::LinalgOp>();
    if (!product || !isProductForOne(product) || !index.isPermutation() ||
        (elements && index != elements))
      continue;
    elements = index;
    products.push_back(product);
  }
  return products;
}

SmallVector<linalg::LinalgOp> dale::getChain(linalg::LinalgOp product) {
  SmallVector<linalg::LinalgOp> chain;
  while (product) {
    chain.insert(chain.begin(), product);
    product = product.getDpsInits()[0].getDefiningOp<linalg::LinalgOp>();
    if (product && !isProductForOne(product))
      break;
  }
  return chain;
}

linalg::LinalgOp dale::getEpilogue(linalg::LinalgOp product) {
  while (isProductForOne(product)) {
    OpOperand &use = *product->use_begin();
    auto user = dyn_cast<linalg::LinalgOp>(use.getOwner());
    if (!user)
      break;
    if (llvm::is_contained(getEpilogueProducts(user), product))
      return user;
    if (!user.isDpsInit(&use))
      break;
    product = user;
  }
  return {};
}

DenseMap<unsigned, unsigned>
dale::matchEpilogueLoops(linalg::LinalgOp epilogue, linalg::LinalgOp product) {
  OpOperand *input =
      *llvm::find_if(epilogue.getDpsInputOperands(), [&](OpOperand *operand) {
        return operand->get() == product->getResult(0);
      });
  DenseMap<unsigned, unsigned> loops;
  for (auto [ofProduct, ofEpilogue] :
       llvm::zip(product.getIndexingMapsArray().back().getResults(),
                 epilogue.getMatchingIndexingMap(input).getResults()))
    loops[cast<AffineDimExpr>(ofProduct).getPosition()] =
        cast<AffineDimExpr>(ofEpilogue).getPosition();
  return loops;
}
