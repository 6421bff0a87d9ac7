/**
 * A batch file of CIFAR-10's Python version: a pickled dictionary with a NumPy array `data` and a list `labels`.
 * Pickles come from strangers and can name any callable, so that only the few names an array is made of resolve here.
 */

import { BufferReader, Parser } from 'pickleparser';

/** `labels` has N entries, `planes` N × 3072 bytes: each row a red, a green and a blue plane. */
export interface PickledBatch {
  readonly labels: readonly number[];
  readonly planes: Uint8Array;
}

const rowBytes = 3072;
/** The official files have 31 MB and 150 000 instructions. */
const largestBytes = 64 * 2 ** 20;
const mostInstructions = 2_000_000;

/** @throws Error when the pickle is damaged, too large, names anything but NumPy arrays, or holds something else. */
export function readPickledBatch(name: string, bytes: Uint8Array): PickledBatch {
  if (bytes.length > largestBytes) {
    throw new Error(
      `${name} has ${bytes.length} bytes: expected at most ${largestBytes}. It is not a CIFAR-10 batch file.`,
    );
  }
  return checkBatch(name, parsePickle(name, bytes));
}

function parsePickle(name: string, bytes: Uint8Array): unknown {
  try {
    const parser = new Parser({ nameResolver: { resolve: resolveName }, unpicklingTypeOfDictionary: 'Map' });
    return parser.read<unknown>(new LimitedReader(bytes));
  } catch (error) {
    throw new Error(
      `${name} cannot be read as a batch file of the Python version: ${describe(error)}. ` +
        'Fetch it again, or use the binary version.',
      { cause: error },
    );
  }
}

/** Python 2 strings are bytes: they are read as Latin-1, one character a byte; instructions are counted. */
class LimitedReader extends BufferReader {
  private reads = 0;

  override byte(): number {
    this.reads += 1;
    if (this.reads > mostInstructions) throw new Error(`more than ${mostInstructions} instructions`);
    return super.byte();
  }

  override string(size: number, encoding: 'ascii' | 'utf-8'): string {
    return encoding === 'ascii'
      ? Buffer.from(this.bytes(size)).toString('latin1')
      : super.string(size, encoding);
  }
}

/** What `BUILD` hands an array: (version, shape, dtype, is it in Fortran order, raw bytes). */
class PickledArray {
  state: readonly unknown[] = [];

  __setstate__(state: unknown): void {
    if (Array.isArray(state)) this.state = state;
  }
}

class PickledType {
  readonly code: unknown;

  constructor(code: unknown) {
    this.code = code;
  }

  /** Byte order and alignment mean nothing for single bytes. */
  __setstate__(): void {}
}

function resolveName(module: string, name: string): (...args: unknown[]) => unknown {
  switch (`${module}.${name}`) {
    case 'numpy.core.multiarray._reconstruct':
    case 'numpy._core.multiarray._reconstruct':
      return () => new PickledArray();
    case 'numpy.ndarray':
      return () => {
        throw new Error('found a direct call of numpy.ndarray');
      };
    case 'numpy.dtype':
      return (code) => new PickledType(code);
    // Python 3 writes bytes in protocol 2 as text and the name of its encoding.
    case '_codecs.encode':
      return (text) => Buffer.from(String(text), 'latin1');
    default:
      throw new Error(`found the name "${module}.${name}", expected only NumPy arrays`);
  }
}

function checkBatch(name: string, value: unknown): PickledBatch {
  const data = memberOf(value, 'data');
  const labels = memberOf(value, 'labels');
  if (!(data instanceof PickledArray) || !Array.isArray(labels)) {
    throw new Error(
      `${name} holds no CIFAR-10 batch: expected a dictionary with the array "data" and the list "labels"` +
        `${memberOf(value, 'fine_labels') ? ' (found CIFAR-100)' : ''}. Choose another file.`,
    );
  }
  const [, shape, type, isFortranOrder, raw] = data.state;
  const planes = typeof raw === 'string' ? Buffer.from(raw, 'latin1') : raw;
  const code = type instanceof PickledType ? type.code : undefined;
  const count = Array.isArray(shape) ? shape[0] : undefined;
  const isExpected =
    planes instanceof Uint8Array &&
    code === 'u1' &&
    isFortranOrder === false &&
    labels.length > 0 &&
    Array.isArray(shape) &&
    shape.length === 2 &&
    count === labels.length &&
    shape[1] === rowBytes &&
    planes.length === labels.length * rowBytes;
  if (!isExpected) {
    throw new Error(
      `${name}: expected as many rows of ${rowBytes} bytes as labels; found ${labels.length} labels and an array of ` +
        `type ${String(code)} and shape ${String(shape)}. The file is damaged or foreign; fetch it again.`,
    );
  }
  return { labels, planes };
}

/** Keys are text in Python 2, and bytes where Python 3 has copied them. */
function memberOf(value: unknown, key: string): unknown {
  if (!(value instanceof Map)) return undefined;
  for (const [candidate, member] of value) {
    const text = candidate instanceof Uint8Array ? Buffer.from(candidate).toString('latin1') : candidate;
    if (text === key) return member;
  }
  return undefined;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
}
