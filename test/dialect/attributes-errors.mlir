// Attributes that go with functions have one type each.
// RUN: dale-opt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{attribute 'dale.workspace' must be a dictionary}}
func.func private @f() attributes {dale.workspace = 16 : i64}

// -----

// expected-error @+1 {{attribute 'dale.momentum' must be a float}}
func.func private @f() attributes {dale.momentum = "much"}

// -----

// expected-error @+1 {{attribute 'dale.common' must be an array<i32>}}
func.func private @f() attributes {dale.common = array<i64: 1>}

// -----

// expected-error @+1 {{attribute 'dale.shared' must be an array<i64>}}
func.func private @f() attributes {dale.shared = 16 : i64}

// -----

// expected-error @+1 {{attribute 'dale.kernel' must be a unit}}
func.func private @f() attributes {dale.kernel = 1 : i64}

// -----

// expected-error @+1 {{attribute 'dale.buffer' must be a string}}
func.func private @f(tensor<4xf32> {dale.buffer = 1 : i64})

// -----

// expected-error @+1 {{attribute 'dale.offset' must be an integer}}
func.func private @f() -> (tensor<4xf32> {dale.offset = "first"})
