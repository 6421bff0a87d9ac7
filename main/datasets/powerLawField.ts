/**
 * Smooth random fields whose amplitude spectrum falls like 1 / frequency^α, as that of photographs does.
 * Field 1987, "Relations between the statistics of natural images and the response properties of cortical cells";
 * made of octaves of cubic B-spline noise on periodic lattices (Perlin 1985, "An image synthesizer").
 */

export interface FieldOptions {
  /** α: 1 spreads the variance evenly over octaves, larger is smoother. */
  readonly slope: number;
  /** Uniform numbers in [0, 1). */
  readonly draw: () => number;
}

/** size × size numbers with mean 0 and standard deviation 1, row-major, periodic in both directions. */
export type FieldGenerator = (options: FieldOptions) => Float32Array;

/** Fields of `size` × `size` pixels with octaves from 2 to `finestCells` (≥ 2) lattice cells along a side. */
export function createFieldGenerator(size: number, finestCells: number): FieldGenerator {
  const octaves: Octave[] = [];
  for (let cells = 2; cells <= finestCells; cells *= 2) octaves.push(createOctave(size, cells));
  return ({ slope, draw }) => {
    const field = new Float32Array(size * size);
    for (const octave of octaves) addOctave(field, octave, { slope, draw });
    return standardise(field);
  };
}

interface Octave {
  readonly size: number;
  readonly cells: number;
  /** For every pixel the four lattice points around it … */
  readonly points: Int32Array;
  /** … and their uniform cubic B-spline weights. */
  readonly weights: Float32Array;
}

function createOctave(size: number, cells: number): Octave {
  const points = new Int32Array(size * 4);
  const weights = new Float32Array(size * 4);
  for (let pixel = 0; pixel < size; pixel++) {
    const position = ((pixel + 0.5) * cells) / size;
    const cell = Math.floor(position);
    const u = position - cell;
    const spline = [(1 - u) ** 3, 3 * u ** 3 - 6 * u ** 2 + 4, -3 * u ** 3 + 3 * u ** 2 + 3 * u + 1, u ** 3];
    spline.forEach((weight, tap) => {
      weights[pixel * 4 + tap] = weight / 6;
      points[pixel * 4 + tap] = (cell + tap - 1 + cells) % cells;
    });
  }
  return { size, cells, points, weights };
}

function addOctave(
  field: Float32Array,
  { size, cells, points, weights }: Octave,
  { slope, draw }: FieldOptions,
): void {
  // Per octave the variance goes like cells^(2 − 2α); smoothing by the spline costs every octave the same.
  const amplitude = cells ** (1 - slope);
  const lattice = new Float32Array(cells * cells);
  for (let index = 0; index < lattice.length; index++) lattice[index] = amplitude * (draw() - 0.5);
  // [cells, cells] -> [cells, size]
  const wide = new Float32Array(cells * size);
  for (let row = 0; row < cells; row++) {
    const line = lattice.subarray(row * cells, (row + 1) * cells);
    for (let tap = 0; tap < size * 4; tap++)
      wide[row * size + (tap >> 2)] += weights[tap] * line[points[tap]];
  }
  // -> [size, size]
  for (let tap = 0; tap < size * 4; tap++) {
    const target = (tap >> 2) * size;
    const source = points[tap] * size;
    const weight = weights[tap];
    for (let column = 0; column < size; column++) field[target + column] += weight * wide[source + column];
  }
}

function standardise(field: Float32Array): Float32Array {
  let sum = 0;
  let squares = 0;
  for (const value of field) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / field.length;
  const deviation = Math.sqrt(Math.max(squares / field.length - mean * mean, 1e-12));
  for (let index = 0; index < field.length; index++) field[index] = (field[index] - mean) / deviation;
  return field;
}
