/**
 * The header of a safetensors file: 8 bytes little-endian length, then JSON with each tensor's dtype, shape and offsets in
 * the data area. A hostile or damaged header is refused before anything is allocated for it.
 */

export const bytesPerItem = { F64: 8, I64: 8, F32: 4, I32: 4, U8: 1 } as const;
export type TensorDtype = keyof typeof bytesPerItem;

/** One tensor and its location: bytes `begin` … `end` of the data area. */
export interface TensorEntry {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of the data area, without gaps. */
  readonly entries: readonly TensorEntry[];
}

/** A file's contents violate its format; none of them were used. */
export class DamagedFileError extends Error {
  override readonly name = 'DamagedFileError';
}

/** Longest header accepted, in bytes. */
export const largestHeader = 100_000_000;

/** The first has a meaning in the format, the second in JavaScript objects. */
const reservedNames = ['__metadata__', '__proto__'];

/**
 * Parses and checks the JSON part of a header against the size of the data area (bytes).
 * @throws DamagedFileError with the value found and the value expected.
 */
export function parseHeader(options: {
  path: string;
  json: Uint8Array;
  dataBytes: number;
}): SafetensorsHeader {
  const { path, dataBytes } = options;
  const header = parseUniqueJson(path, options.json);
  const { __metadata__: metadata = {}, ...tensors } = header;
  const entries = Object.entries(tensors).map(([name, value]) => parseEntry(path, name, value));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let expected = 0;
  for (const entry of entries) {
    if (entry.begin !== expected) {
      const fault = entry.begin < expected ? 'overlaps the tensor before it' : 'leaves a hole before it';
      throw damaged(
        path,
        `tensor "${entry.name}" starts at ${entry.begin} and ${fault}`,
        `a start at ${expected}`,
      );
    }
    expected = entry.end;
  }
  if (expected !== dataBytes) {
    throw damaged(path, `${dataBytes} bytes of data`, `${expected} bytes as the header says`);
  }
  return { metadata: parseMetadata(path, metadata), entries };
}

/** Length prefix and JSON, padded with spaces so that the data area starts at a multiple of 8 bytes. */
export function encodeHeader(header: SafetensorsHeader): Uint8Array {
  const tensors = header.entries.map(({ name, dtype, shape, begin, end }) => [
    name,
    { dtype, shape, data_offsets: [begin, end] },
  ]);
  const json = JSON.stringify(Object.fromEntries([['__metadata__', header.metadata], ...tensors]));
  const bytes = new TextEncoder().encode(json);
  const output = new Uint8Array(8 + Math.ceil(bytes.length / 8) * 8).fill(0x20);
  new DataView(output.buffer).setBigUint64(0, BigInt(output.length - 8), true);
  output.set(bytes, 8);
  return output;
}

/** Creates the error for a file that violates its format. */
export function damaged(path: string, found: string, expected: string): DamagedFileError {
  return new DamagedFileError(
    `${path}: ${found} found, ${expected} expected. The file is damaged or not what it should be; copy it again, or use another one.`,
  );
}

/** Returns the number of items of a shape; undefined unless every side is an integer ≥ 0 and the product is exact. */
export function countItems(shape: readonly unknown[]): number | undefined {
  let items = 1;
  for (const side of shape) {
    if (typeof side !== 'number' || !Number.isSafeInteger(side) || side < 0) return undefined;
    items *= side;
    if (!Number.isSafeInteger(items * 8)) return undefined;
  }
  return items;
}

/** Returns whether a tensor or metadata name is allowed. */
export function isAllowedName(name: string): boolean {
  return name.length > 0 && !reservedNames.includes(name);
}

function parseUniqueJson(path: string, json: Uint8Array): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json);
  } catch {
    throw damaged(path, 'a header that is not JSON', 'a JSON object');
  }
  const result = parseUniqueObject(text);
  if ('fault' in result) throw damaged(path, `a header with ${result.fault}`, 'a JSON object');
  return result.value;
}

function parseEntry(path: string, name: string, value: unknown): TensorEntry {
  if (!isAllowedName(name)) throw damaged(path, `tensor name "${name}"`, 'a name that is not reserved');
  const keys = isRecord(value) ? Object.keys(value).sort().join(', ') : typeof value;
  if (!isRecord(value) || keys !== 'data_offsets, dtype, shape') {
    throw damaged(path, `tensor "${name}" with ${keys}`, 'data_offsets, dtype, shape');
  }
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype))
    throw damaged(path, `dtype ${JSON.stringify(dtype)}`, Object.keys(bytesPerItem).join(', '));
  const items = Array.isArray(shape) ? countItems(shape) : undefined;
  if (items === undefined) {
    throw damaged(path, `shape ${JSON.stringify(shape)}`, 'integers ≥ 0 with a product below 2^50');
  }
  const bytes = items * bytesPerItem[dtype];
  const range = parseOffsets(offsets);
  if (!range || range.end - range.begin !== bytes) {
    throw damaged(
      path,
      `offsets ${JSON.stringify(offsets)} of "${name}"`,
      `two integers ≥ 0, ${bytes} bytes apart`,
    );
  }
  return { name, dtype, shape: shape as number[], ...range };
}

function parseOffsets(offsets: unknown): { readonly begin: number; readonly end: number } | null {
  const [begin, end] = Array.isArray(offsets) && offsets.length === 2 ? (offsets as unknown[]) : [];
  const isOffset = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
  return isOffset(begin) && isOffset(end) ? { begin, end } : null;
}

function parseMetadata(path: string, value: unknown): Record<string, string> {
  const entries = isRecord(value) ? Object.entries(value) : [['', undefined] as const];
  const texts = entries.map(([key, text]): [string, string] => {
    if (isAllowedName(key) && typeof text === 'string') return [key, text];
    throw damaged(
      path,
      `metadata ${JSON.stringify(key)}: ${JSON.stringify(text)}`,
      'text under a name that is not reserved',
    );
  });
  return Object.fromEntries(texts);
}

function isDtype(value: unknown): value is TensorDtype {
  return typeof value === 'string' && Object.hasOwn(bytesPerItem, value);
}

/**
 * Parses a JSON object in which no object repeats a key; otherwise returns what is wrong with it. Text that is nested too
 * deeply to be traversed is a fault too.
 */
export function parseUniqueObject(
  text: string,
): { readonly value: Readonly<Record<string, unknown>> } | { readonly fault: string } {
  let value: unknown;
  let kept = 0;
  try {
    value = JSON.parse(text);
    kept = countKeys(value);
  } catch {
    return { fault: 'text that is not JSON' };
  }
  if (!isRecord(value) || !text.startsWith('{')) return { fault: 'another value' };
  // JSON.parse silently keeps the last of two equal keys, so the result has fewer keys than the text.
  const written = countWrittenKeys(text);
  return written === kept
    ? { value }
    : { fault: `${written} keys, some of them twice: ${kept} different ones` };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const members = Object.values(value);
  return members.reduce(
    (sum: number, member) => sum + countKeys(member),
    isRecord(value) ? members.length : 0,
  );
}

/** Counts `"key":` in valid JSON text. */
function countWrittenKeys(text: string): number {
  let keys = 0;
  for (let start = text.indexOf('"'); start >= 0;) {
    let end = start + 1;
    while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
    let next = end + 1;
    while (' \t\n\r'.includes(text[next] ?? '!')) next++;
    if (text[next] === ':') keys++;
    start = text.indexOf('"', end + 1);
  }
  return keys;
}
