/**
 * What TensorFlow rewrites in a graph before its first run. tfjs-node-gpu loads graphs with default options and has no parameter
 * for others, so a header that its sources are compiled with replaces the function that creates them.
 */

import protobuf from 'protobufjs';
import type { LibraryVariant } from './library.ts';

/** The fields used here, with their numbers in TensorFlow's config.proto and rewriter_config.proto. */
const source = `
syntax = "proto3";
message RewriterConfig {
  int32 layout_optimizer = 1; int32 memory_optimization = 4; int32 loop_optimization = 9; int32 function_optimization = 10;
  int32 meta_optimizer_iterations = 12; int32 shape_optimization = 13; int32 scoped_allocator_optimization = 15;
  int32 implementation_selector = 22; bool disable_tfg_optimizer = 32;
}
message GraphOptions { RewriterConfig rewrite_options = 10; }
message ConfigProto { GraphOptions graph_options = 10; }
`;

const { root } = protobuf.parse(source, { keepCase: true });

/** RewriterConfig.Toggle.OFF */
const off = 2;
/** RewriterConfig.NumIterationsType.ONE; the default is two. */
const one = 1;
/** RewriterConfig.MemOptType.NO_MEM_OPT */
const noMemoryOptimization = 1;

/**
 * Skips what a graph gains nothing from. Passes for loops, functions and unknown shapes take about a quarter of the time that a
 * graph needs before its first run; without them it computes the same numbers, bit for bit. A second round of all passes takes up
 * to a second; without it steps are as fast, and sums may be rounded in another order. A card needs its layouts and memory.
 */
function rewriterConfig(variant: LibraryVariant): Record<string, number | boolean> {
  return {
    disable_tfg_optimizer: true,
    meta_optimizer_iterations: one,
    loop_optimization: off,
    function_optimization: off,
    shape_optimization: off,
    scoped_allocator_optimization: off,
    implementation_selector: off,
    ...(variant === 'cpu' && { layout_optimizer: off, memory_optimization: noMemoryOptimization }),
  };
}

/** Returns the text of a C++ header that has to be included before the addon's sources. */
export function sessionOptionsHeader(variant: LibraryVariant): string {
  const type = root.lookupType('ConfigProto');
  const bytes = type
    .encode(type.create({ graph_options: { rewrite_options: rewriterConfig(variant) } }))
    .finish();
  return `#include "tensorflow/c/c_api.h"

inline TF_SessionOptions *NewSessionOptions() {
  static const unsigned char config[] = {${[...bytes].join(', ')}};
  TF_SessionOptions *options = TF_NewSessionOptions();
  TF_Status *status = TF_NewStatus();
  // Options that cannot be set keep TensorFlow's defaults, with which graphs start later.
  TF_SetConfig(options, config, sizeof config, status);
  TF_DeleteStatus(status);
  return options;
}
#define TF_NewSessionOptions NewSessionOptions
`;
}
