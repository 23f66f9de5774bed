//===- CanonicalizeImages.cpp - One image at a time ------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/ImageLoops.h"
#include "compiler/lower/Passes.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace dale {
#define GEN_PASS_DEF_CANONICALIZEIMAGES
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct CanonicalizeImagesPass
    : dale::impl::CanonicalizeImagesBase<CanonicalizeImagesPass> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet all(context);
    for (Dialect *dialect : context->getLoadedDialects())
      dialect->getCanonicalizationPatterns(all);
    for (RegisteredOperationName op : context->getRegisteredOperations())
      op.getCanonicalizationPatterns(all, context);
    patterns = FrozenRewritePatternSet(std::move(all));
    return success();
  }

  void runOnOperation() override {
    for (scf::ForOp loop : getImageLoops(getOperation()))
      // Whether that came to an end does not matter: it goes on in the
      // function.
      (void)applyPatternsGreedily(loop.getRegion(), patterns);
  }

private:
  FrozenRewritePatternSet patterns;
};

} // namespace
