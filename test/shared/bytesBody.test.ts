import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packBytes, unpackBytes } from '../../shared/contract/bytesBody.ts';

const byteArrays = fc.uint8Array({ maxLength: 50 }).map((bytes) => new Uint8Array(bytes));

function concatenate(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

describe('the binary body of a request', () => {
  it('is unpacked to the request that was packed, for any text, numbers and bytes', () => {
    const fields = fc.record({
      name: fc.string({ unit: 'binary' }),
      width: fc.integer(),
      list: fc.array(fc.double()),
    });
    fc.assert(
      fc.property(fields, byteArrays, (rest, bytes) => {
        const unpacked = unpackBytes(concatenate(packBytes({ ...rest, bytes })));
        expect(unpacked).toEqual({ ...(JSON.parse(JSON.stringify(rest)) as object), bytes });
      }),
    );
  });

  it('is packed and unpacked without copying the bytes', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const [head, packed] = packBytes({ a: 1, bytes });
    expect(packed).toBe(bytes);
    const body = new Uint8Array([9, 9, ...head, ...bytes]).subarray(2);
    expect(unpackBytes(body).bytes.buffer).toBe(body.buffer);
  });

  it('is rejected with an error that names what was found and what was expected if it is anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
        try {
          expect(unpackBytes(new Uint8Array(noise)).bytes).toBeInstanceOf(Uint8Array);
        } catch (error) {
          expect(String(error)).toMatch(/binary body is not readable: .* found, .* expected/);
        }
      }),
    );
  });
});
