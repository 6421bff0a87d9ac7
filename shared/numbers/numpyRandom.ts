/**
 * NumPy's legacy `RandomState`, bit for bit, as far as permutations need it.
 * Generator: Matsumoto & Nishimura 1998, "Mersenne Twister", §2 (MT19937, seeding of 2002).
 */

export interface NumpyRandom {
  /** The next 32 random bits, 0 … 2^32−1. */
  nextBits(): number;
  /** As `RandomState.permutation(length)`: the numbers 0 … length−1, shuffled. `length` ≤ 2^31. */
  permutation(length: number): Int32Array;
}

const stateLength = 624;
const shift = 397;

/**
 * As `numpy.random.RandomState(seed)`.
 * @throws Error when `seed` is not an integer in [0, 2^32).
 */
export function createNumpyRandom(seed: number): NumpyRandom {
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new Error(
      `The mask seed is ${seed}; NumPy's generator takes integers from 0 to 4294967295. Choose another seed.`,
    );
  }
  const state = seedState(seed);
  let position = stateLength;
  const nextBits = (): number => {
    if (position === stateLength) {
      advanceState(state);
      position = 0;
    }
    return temper(state[position++]);
  };
  return { nextBits, permutation: (length) => shuffledRange(length, nextBits) };
}

function seedState(seed: number): Uint32Array {
  const state = new Uint32Array(stateLength);
  state[0] = seed;
  for (let index = 1; index < stateLength; index++) {
    const previous = state[index - 1];
    state[index] = Math.imul(1812433253, previous ^ (previous >>> 30)) + index;
  }
  return state;
}

function advanceState(state: Uint32Array): void {
  for (let index = 0; index < stateLength; index++) {
    const joined = (state[index] & 0x80000000) | (state[(index + 1) % stateLength] & 0x7fffffff);
    const twisted = (joined >>> 1) ^ (joined & 1 ? 0x9908b0df : 0);
    state[index] = state[(index + shift) % stateLength] ^ twisted;
  }
}

function temper(bits: number): number {
  let value = bits;
  value ^= value >>> 11;
  value ^= (value << 7) & 0x9d2c5680;
  value ^= (value << 15) & 0xefc60000;
  value ^= value >>> 18;
  return value >>> 0;
}

/** Fisher–Yates from the end; NumPy draws each index in [0, last] by rejection under the smallest covering bit mask. */
function shuffledRange(length: number, nextBits: () => number): Int32Array {
  const order = new Int32Array(length);
  for (let index = 1; index < length; index++) order[index] = index;
  for (let last = length - 1; last > 0; last--) {
    const mask = 0xffffffff >>> Math.clz32(last);
    let other = nextBits() & mask;
    while (other > last) other = nextBits() & mask;
    const held = order[last];
    order[last] = order[other];
    order[other] = held;
  }
  return order;
}
