import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packBytes, unpackBytes } from '../../shared/contract/bytesBody.ts';

const bytesOf = fc.uint8Array({ maxLength: 50 }).map((bytes) => new Uint8Array(bytes));

function join(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(pieces.flatMap((piece) => [...piece]));
}

describe('a request with bytes', () => {
  it('comes back as it went, whatever its words', () => {
    const words = fc.record({
      name: fc.string({ unit: 'binary' }),
      width: fc.integer(),
      list: fc.array(fc.double()),
    });
    fc.assert(
      fc.property(words, bytesOf, (rest, bytes) => {
        const back = unpackBytes(join(packBytes({ ...rest, bytes })));
        expect(back).toEqual({ ...(JSON.parse(JSON.stringify(rest)) as object), bytes });
      }),
    );
  });

  it('is not copied where it is packed, and only looked at where it is unpacked', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const [head, packed] = packBytes({ a: 1, bytes });
    expect(packed).toBe(bytes);
    const body = new Uint8Array([9, 9, ...head, ...bytes]).subarray(2);
    expect(unpackBytes(body).bytes.buffer).toBe(body.buffer);
  });

  it('is refused with an error of its own when the body is anything else', () => {
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
