/**
 * A batch file of CIFAR-10's Python version: a pickled dictionary of images and labels, written by any version of Python and
 * NumPy. Pickles are untrusted and can name any callable, so only the few names that arrays need are resolved.
 */

import { BufferReader, Parser } from 'pickleparser';
import { describeError } from '../../shared/text/describeError.ts';

/** `labels` has N entries, `planes` N × 3072 bytes: each row a red, a green and a blue plane. */
export interface PickledBatch {
  readonly labels: readonly number[];
  readonly planes: Uint8Array;
}

const rowBytes = 3072;
/** Largest accepted file; the official files have 31 MB, four times as much in the text format of protocol 0. */
export const largestBatchBytes = 128 * 2 ** 20;
/** Limit on instructions; the official files have 150 000. Small numbers are not counted: the pixels may be a list of them. */
const mostInstructions = 2_000_000;

/** @throws Error when the pickle is damaged, too large, names anything but NumPy arrays, or holds something else. */
export function readPickledBatch(name: string, bytes: Uint8Array): PickledBatch {
  if (bytes.length > largestBatchBytes) {
    throw new Error(
      `${name} has ${bytes.length} bytes: expected at most ${largestBatchBytes}. It is not a CIFAR-10 batch file.`,
    );
  }
  return checkBatch(name, parsePickle(name, bytes));
}

function parsePickle(name: string, bytes: Uint8Array): unknown {
  try {
    const parser = new Parser({ nameResolver: { resolve: resolveName }, unpicklingTypeOfDictionary: 'Map' });
    return parser.read<unknown>(new PickleReader(bytes));
  } catch (error) {
    const advice =
      error instanceof ForeignNameError
        ? 'Save the batches with NumPy arrays or lists, or use the binary version of CIFAR-10.'
        : 'It is damaged, incomplete or no pickle. Get it again, or use the binary version of CIFAR-10.';
    throw new Error(
      `${name} cannot be read as a batch file of the Python version: ${describe(error)}. ${advice}`,
      { cause: error },
    );
  }
}

class ForeignNameError extends Error {}

const instruction = { string: 0x53, unicode: 0x56, smallNumber: 0x4b };
/** Instructions whose argument is read as one byte: BININT1, BINGET, BINPUT, LONG1, the short texts, PROTO and EXT1. */
const withByteArgument = new Set([0x4b, 0x68, 0x71, 0x8a, 0x43, 0x55, 0x8c, 0x80, 0x82]);

/**
 * Limits the number of instructions, reads Python 2 strings, which are bytes, as Latin-1, and resolves the escapes of
 * protocol 0, which the parser does not.
 */
class PickleReader extends BufferReader {
  private count = 0;
  private last = 0;
  private isArgument = false;

  override byte(): number {
    const value = super.byte();
    if (this.isArgument) {
      this.isArgument = false;
      return value;
    }
    this.last = value;
    this.isArgument = withByteArgument.has(value);
    if (value !== instruction.smallNumber) this.count += 1;
    if (this.count > mostInstructions) throw new Error(`more than ${mostInstructions} instructions`);
    return value;
  }

  override string(size: number, encoding: 'ascii' | 'utf-8'): string {
    return encoding === 'ascii'
      ? Buffer.from(this.bytes(size)).toString('latin1')
      : super.string(size, encoding);
  }

  override line(): string {
    const text = super.line();
    if (this.last === instruction.string) return unescapeText(text, /\\(?:x([0-9a-f]{2})|([^x]))/g);
    if (this.last === instruction.unicode) return unescapeText(text, /\\(?:u([0-9a-f]{4})|U([0-9a-f]{8}))/g);
    return text;
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

function unescapeText(text: string, pattern: RegExp): string {
  if (!text.includes('\\')) return text;
  return text.replace(pattern, (_all, code?: string, other?: string) => {
    if (code !== undefined) return String.fromCodePoint(parseInt(code, 16));
    if (other === undefined || other.length === 1) return escapes[other ?? ''] ?? other ?? '';
    return String.fromCodePoint(parseInt(other, 16));
  });
}

/** A NumPy dtype; the instruction `BUILD` sets its byte order. */
class PickledType {
  readonly code: string;
  isBigEndian = false;

  constructor(code: unknown) {
    this.code = String(code);
  }

  __setstate__(state: unknown): void {
    this.isBigEndian = Array.isArray(state) && state[1] === '>';
  }
}

/** A NumPy array before its items are read; `strides` are counted in items. */
class PickledArray {
  type: unknown = undefined;
  shape: readonly number[] = [];
  strides: readonly number[] = [];
  raw: unknown = undefined;

  /** (version, shape, type, whether it is in Fortran order, bytes). */
  __setstate__(state: unknown): void {
    if (!Array.isArray(state)) return;
    const [shape, type, isFortranOrder, raw] = state.slice(-4) as unknown[];
    this.describe({ shape, type, raw, isFortranOrder: isFortranOrder === true });
  }

  describe(of: { shape: unknown; type: unknown; raw: unknown; isFortranOrder: boolean }): void {
    this.type = of.type;
    this.raw = of.raw;
    this.shape = Array.isArray(of.shape) ? of.shape.map(Number) : [];
    this.strides = of.isFortranOrder
      ? this.shape.map((_, axis) => product(this.shape.slice(0, axis)))
      : this.shape.map((_, axis) => product(this.shape.slice(axis + 1)));
  }

  /** The axes in another order. */
  transpose(axes: readonly number[]): void {
    const { shape, strides } = this;
    this.shape = axes.map((axis) => shape[axis]);
    this.strides = axes.map((axis) => strides[axis]);
  }
}

type Callable = (...args: unknown[]) => unknown;

const arrayFunctions: Readonly<Record<string, Callable>> = {
  'multiarray._reconstruct': () => new PickledArray(),
  'multiarray.scalar': (type, raw) => {
    const array = new PickledArray();
    array.describe({ shape: [1], type, raw, isFortranOrder: false });
    return itemsOf(array)?.[0];
  },
  // Protocol 5.
  'numeric._frombuffer': (raw, type, shape, order, axes) => {
    const array = new PickledArray();
    array.describe({ shape, type, raw, isFortranOrder: order === 'F' });
    if (order === 'K' && Array.isArray(axes)) array.transpose(axes.map(Number));
    return array;
  },
};

const otherNames: Readonly<Record<string, Callable>> = {
  'numpy.ndarray': () => {
    throw new Error('found a direct call of numpy.ndarray');
  },
  'numpy.dtype': (code) => new PickledType(code),
  // Python 3 writes bytes in protocols 0 to 2 as text and the name of its encoding.
  '_codecs.encode': toBytes,
  'builtins.bytearray': toBytes,
  '__builtin__.bytearray': toBytes,
  'builtins.bytes': toBytes,
  '__builtin__.bytes': toBytes,
  'collections.OrderedDict': (pairs = []) => new Map(pairs as [unknown, unknown][]),
};

/** NumPy 1 keeps its functions in numpy.core, NumPy 2 in numpy._core. */
function resolveName(module: string, name: string): Callable {
  const full = `${module}.${name}`;
  const inNumpy = /^numpy\._?core\.(.+)$/.exec(full);
  const found = inNumpy ? findOwn(arrayFunctions, inNumpy[1]) : findOwn(otherNames, full);
  if (found) return found;
  throw new ForeignNameError(`found the name "${full}", expected only NumPy arrays`);
}

function findOwn(table: Readonly<Record<string, Callable>>, key: string): Callable | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function toBytes(text: unknown = ''): Uint8Array {
  return text instanceof Uint8Array ? text : Buffer.from(String(text), 'latin1');
}

function product(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => one * other, 1);
}

/** Reads one number of a NumPy type; undefined for types that are no numbers. */
const itemReaders: Readonly<Record<string, (view: DataView, at: number, isLittle: boolean) => number>> = {
  u1: (view, at) => view.getUint8(at),
  i1: (view, at) => view.getInt8(at),
  u2: (view, at, isLittle) => view.getUint16(at, isLittle),
  i2: (view, at, isLittle) => view.getInt16(at, isLittle),
  u4: (view, at, isLittle) => view.getUint32(at, isLittle),
  i4: (view, at, isLittle) => view.getInt32(at, isLittle),
  u8: (view, at, isLittle) => Number(view.getBigUint64(at, isLittle)),
  i8: (view, at, isLittle) => Number(view.getBigInt64(at, isLittle)),
};

/** Returns the items in C order; undefined for other dtypes or when the number of bytes does not match the shape. */
function itemsOf({ type, shape, strides, raw }: PickledArray): Uint8Array | Float64Array | undefined {
  const bytes = typeof raw === 'string' ? Buffer.from(raw, 'latin1') : raw;
  if (!(bytes instanceof Uint8Array) || !(type instanceof PickledType)) return undefined;
  const read = Object.hasOwn(itemReaders, type.code) ? itemReaders[type.code] : undefined;
  const count = product(shape);
  const size = Number(type.code[1]);
  if (!read || bytes.length !== count * size) return undefined;
  const isInOrder = strides.every((stride, axis) => stride === product(shape.slice(axis + 1)));
  if (type.code === 'u1' && isInOrder) return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const items = type.code === 'u1' ? new Uint8Array(count) : new Float64Array(count);
  visitInOrder({ shape, strides }, (at, index) => {
    items[index] = read(view, at * size, !type.isBigEndian);
  });
  return items;
}

/** Visits the items of an array in C order; `at` is the item's offset in items. */
function visitInOrder(
  { shape, strides }: Pick<PickledArray, 'shape' | 'strides'>,
  visit: (at: number, index: number) => void,
): void {
  const count = product(shape);
  const place = new Array<number>(shape.length).fill(0);
  for (let index = 0, at = 0; index < count; index++) {
    visit(at, index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++place[axis] < shape[axis]) break;
      at -= strides[axis] * shape[axis];
      place[axis] = 0;
    }
  }
}

function checkBatch(name: string, value: unknown): PickledBatch {
  const keys = value instanceof Map ? [...value.keys()].map(textOf) : [];
  if (keys.some((key) => ['fine_labels', 'coarse_labels', 'fine_label_names'].includes(key))) {
    throw new Error(
      `${name} is a file of CIFAR-100, which is not supported. Choose the files of CIFAR-10 (data_batch_1 to data_batch_5, test_batch).`,
    );
  }
  const data = memberOf(value, 'data');
  const labels = toNumbers(memberOf(value, 'labels'));
  if (data === undefined || !labels) {
    const found =
      keys.length > 0
        ? ` It has ${keys
            .slice(0, 8)
            .map((key) => `"${key}"`)
            .join(', ')}.`
        : '';
    throw new Error(
      `${name} holds no CIFAR-10 batch: expected a dictionary with the images "data" and the numbers "labels".${found} Choose another file.`,
    );
  }
  const planes = readPlanes(data, labels.length);
  if (planes) return { labels: Array.from(labels), planes };
  throw new Error(
    `${name}: expected as many rows of ${rowBytes} bytes as labels; found ${labels.length} labels and ${describeData(data)}. ` +
      'The file is damaged or not CIFAR-10.',
  );
}

/** Returns the images as rows of planes; undefined unless there are `count` of 3072 bytes each. */
function readPlanes(data: unknown, count: number): Uint8Array | undefined {
  const values = toNumbers(data);
  if (!values || count === 0 || values.length !== count * rowBytes) return undefined;
  const shape = data instanceof PickledArray ? data.shape : shapeOfList(data);
  const isChannelsLast = shape.join() === `${count},32,32,3`;
  if (!isChannelsLast && shape[0] !== count && shape[0] !== values.length) return undefined;
  if (values instanceof Uint8Array && !isChannelsLast) return values;
  return Array.prototype.every.call(values, isByte) ? toPlanes(values, isChannelsLast) : undefined;
}

function isByte(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 255;
}

/** Sorts rows of pixels into planes, or copies rows of planes. */
function toPlanes(values: ArrayLike<number>, isChannelsLast: boolean): Uint8Array {
  const planes = new Uint8Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const inRow = index % rowBytes;
    const to = isChannelsLast ? (inRow % 3) * (rowBytes / 3) + Math.floor(inRow / 3) : inRow;
    planes[index - inRow + to] = values[index];
  }
  return planes;
}

/** Flattens an array, or nested lists or tuples of numbers and arrays; undefined for anything else. */
function toNumbers(value: unknown): Uint8Array | Float64Array | number[] | undefined {
  if (value instanceof PickledArray)
    return value.type instanceof PickledType && value.type.code !== 'i1' ? itemsOf(value) : undefined;
  if (!Array.isArray(value)) return undefined;
  const numbers: number[] = [];
  for (const entry of value as unknown[]) {
    if (typeof entry === 'number') numbers.push(entry);
    else {
      const inner = toNumbers(entry);
      if (!inner) return undefined;
      for (const number of inner) numbers.push(number);
    }
  }
  return numbers;
}

function shapeOfList(value: unknown): readonly number[] {
  if (value instanceof PickledArray) return value.shape;
  return Array.isArray(value) ? [value.length, ...shapeOfList((value as unknown[])[0])] : [];
}

function describeData(data: unknown): string {
  if (!(data instanceof PickledArray))
    return Array.isArray(data) ? `a list of ${data.length} entries` : typeof data;
  const code = data.type instanceof PickledType ? data.type.code : String(data.type);
  return `an array of type ${code} and shape ${data.shape.join()}`;
}

/** Returns a member of a dictionary. Keys are text in Python 2, and may be bytes when written by Python 3. */
function memberOf(value: unknown, key: string): unknown {
  if (!(value instanceof Map)) return undefined;
  for (const [candidate, member] of value) if (textOf(candidate) === key) return member as unknown;
  return undefined;
}

function textOf(key: unknown): string {
  return key instanceof Uint8Array ? Buffer.from(key).toString('latin1') : String(key);
}

function describe(error: unknown): string {
  return describeError(error).replace(/\.$/, '');
}
