/** What NumPy computes in double precision for two miniatures whose parameters and inputs are waves of their names. */

/** Perceiver IO: 2 latents, width 4, 2 heads, 1 block, 2 frequencies; 3 tokens, 2 queries. */
export const miniatureValues = [
  3.181826122, 1.548013324, -9.291288848, 3.126795364, 1.556657816, -9.201931073,
];

/** Mean squared error against the wave `target`. */
export const miniatureLoss = 29.221417991;

/** Central differences of that loss for each parameter's numbers in order, times the wave `direction` of scale 1, summed. */
export const miniatureGradients: Readonly<Record<string, number>> = {
  latents: 14.2244019,
  'input_proj.weight': -1.3994372,
  'input_proj.bias': -3.7191248,
  'input_norm.weight': -2.6105627,
  'input_norm.bias': 5.422993,
  'blocks.0.cross_attn.q_proj.weight': -2.5745693,
  'blocks.0.cross_attn.q_proj.bias': -0.0392164,
  'blocks.0.cross_attn.k_proj.weight': -1.8574108,
  'blocks.0.cross_attn.k_proj.bias': 0.0,
  'blocks.0.cross_attn.v_proj.weight': -7.3689004,
  'blocks.0.cross_attn.v_proj.bias': -25.7993529,
  'blocks.0.cross_attn.out_proj.weight': -75.5728068,
  'blocks.0.cross_attn.out_proj.bias': 22.3800111,
  'blocks.0.cross_norm.weight': -0.484484,
  'blocks.0.cross_norm.bias': 0.7278304,
  'blocks.0.self_attn.q_proj.weight': -0.2716938,
  'blocks.0.self_attn.q_proj.bias': -0.2046236,
  'blocks.0.self_attn.k_proj.weight': -0.3178667,
  'blocks.0.self_attn.k_proj.bias': 0.0,
  'blocks.0.self_attn.v_proj.weight': 24.7624067,
  'blocks.0.self_attn.v_proj.bias': 18.4292525,
  'blocks.0.self_attn.out_proj.weight': 0.6898382,
  'blocks.0.self_attn.out_proj.bias': 23.73222,
  'blocks.0.self_norm.weight': 10.3746064,
  'blocks.0.self_norm.bias': 27.6116724,
  'blocks.0.mlp_norm.weight': -8.8895412,
  'blocks.0.mlp_norm.bias': 24.0808486,
  'blocks.0.mlp_in.weight': -19.6645111,
  'blocks.0.mlp_in.bias': -13.8389114,
  'blocks.0.mlp_out.weight': 22.8273257,
  'blocks.0.mlp_out.bias': 21.7686957,
  'query_proj.weight': -0.0146761,
  'query_proj.bias': 0.3581909,
  'query_norm.weight': 2.4615595,
  'query_norm.bias': -2.0642781,
  'decoder.q_proj.weight': 0.7724363,
  'decoder.q_proj.bias': 0.8833318,
  'decoder.k_proj.weight': -1.0893972,
  'decoder.k_proj.bias': 0.0,
  'decoder.v_proj.weight': -103.6911791,
  'decoder.v_proj.bias': 13.5864354,
  'decoder.out_proj.weight': -137.0568052,
  'decoder.out_proj.bias': 3.8908987,
  'output_proj.weight': -78.6020696,
  'output_proj.bias': -7.6763304,
};

/**
 * Residual field with everything on: queries carry the state, adaptive time at t = 0.25 and 0.003, one read-out block, patch
 * of 3; a batch of 2, and otherwise the same sizes.
 */
export const residualFieldValues = [
  -3.07064976, -1.794460642, -2.508162743, -3.744785438, -1.385962823, -2.712397066, -2.052258986,
  -1.764229535, -1.256248304, -1.197375547, -2.582795905, -0.66641414,
];
