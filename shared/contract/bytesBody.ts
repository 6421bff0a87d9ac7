/**
 * A request with bytes as one binary body: 4 bytes little-endian length of a JSON text, the JSON of the request without
 * its field `bytes`, then those bytes. The JSON is ASCII, so that its length is its count of characters.
 */

export interface WithBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Maximum length of the JSON in bytes. */
const mostJsonBytes = 16_384;
const lengthBytes = 4;

/** Returns the body in parts, so that the bytes are not copied. */
export function packBytes<Input extends WithBytes>({ bytes, ...rest }: Input): Uint8Array<ArrayBuffer>[] {
  const json = JSON.stringify(rest).replace(/[^\0-\x7f]/g, escapeUnit);
  const head = new Uint8Array(lengthBytes + json.length);
  new DataView(head.buffer).setUint32(0, json.length, true);
  for (let index = 0; index < json.length; index++) head[lengthBytes + index] = json.charCodeAt(index);
  return [head, bytes];
}

/**
 * Returns the request; its `bytes` are a view of `body`.
 * @throws Error when the body has another format. The content of the JSON is not checked.
 */
export function unpackBytes(body: Uint8Array<ArrayBuffer>): Record<string, unknown> & WithBytes {
  if (body.length < lengthBytes) throw broken(`${body.length} bytes`, `at least ${lengthBytes}`);
  const length = new DataView(body.buffer, body.byteOffset, lengthBytes).getUint32(0, true);
  const most = Math.min(mostJsonBytes, body.length - lengthBytes);
  if (length > most) throw broken(`a description of ${length} bytes`, `at most ${most}`);
  const end = lengthBytes + length;
  const value = parseJson(String.fromCharCode(...body.subarray(lengthBytes, end)));
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'bytes' in value) {
    throw broken('another description', 'a JSON object without "bytes"');
  }
  return { ...value, bytes: body.subarray(end) };
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw broken('a description that is no JSON', 'a JSON object');
  }
}

function broken(found: string, expected: string): Error {
  return new Error(`The request's binary body is not readable: ${found} found, ${expected} expected.`);
}
