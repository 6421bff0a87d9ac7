import { gunzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { readPickledBatch } from '../../main/datasets/cifarPickle.ts';
import { readBatch } from '../../main/datasets/cifarRecords.ts';

/**
 * Written by Python 3.11 and NumPy 2.4 as {labels: [6, 9], data: uint8 [2, 3072], …} in protocols 2, 3 (keys are
 * bytes) and 4. Row 0: red plane 200, green 150, blue 0; row 1: 0, 0, 255.
 */
const pickles = {
  2: 'H4sIAAAAAAACA+3WyU7CQBzH8aEs2oK7uGs4eOipCQdfwkYOPc2FkGk7QJMy8C/TA4kmXmR5AV/HRB5Mh8Jb8Pt+kmYyW3vsp/VBzOV1xlgodDTspSKUKZV408zoTCQqUYNWsdRqt8b91gtZvGbWin1TKnep4vo135a8YmZjoQVVI5WPJjOvF40z6Y3yVCciy8TM6WUyGqupzvJIO1TbbnNUvF2lA5990WFkjsUymjpSbQYO2by0+Tpydu/ViWpTfU6NgI4WdBzQieuXfOuNNeZ0ursz1rOJOXrGLXMkb9P5armgi4AuXb9cXPdOzU6n8/pnKh4+03QVroY2Z8+MrZcAAACwb36/AQAAYN8whBBCCCGE0N60/gEAAIB9Q9fD+pxuArrVdBdy2/wS9JNUKjGSU7rv0oPLq2ZOeBM1oMdiHBbjJ5l7//rt60ZTJQAA',
  3: 'H4sIAAAAAAACA+3UO26DQBAG4AVsJ2DnHScuKamQXOQCocsqFK5oLLQLawcJFmZZCqRESuM4vkDOlFs5COcWzFeMRjN/MdV8Wh9AvGDKmU7e4pxxkYMRzQkhWrFMZnLr9it36ZYb9wnMYNKHarDWMPLohNoiGKVMMxgnsimq1o+TUgm/aHKdMaVY68RKJKWstWoS7cDkFHNketrCGSU7OA8MDvYenBVMPWpQ85XMvmD2n011WwkHLiKzO6xZwuXhew9XK7j2qBUZ3ewdbsIwfDl2+kKJhlt+eCYLQn4RQoP1gxAaLIIQQgghhBAajCNCaLDgTsM9D+xNlgvJClHDfA0PXjTufgPzK7mFx77nfb8Qjf8HpwiIexUZAAA=',
  4: 'H4sIAAAAAAACA+3Zv07DMBAGcKc0RRFdQYwZO0XqwAvARkQGdlTZidtGSpzIdYZIILHwp9Jt/eCZeB2eoAT3MXK/wSfdfbbk+V6nX7/XwnvBgi6UdPl2VUmlK9Cls7I0pdnEvh0v42Yd34Bmfr7DExbpLI00TQvpJOjKdHXbJ6u8sTqpu8qV0lrZg+Yrq/PG7JztcocDKPRJ0LkpTpEDUvGGu0DhA4/Ds0E6eRDzd2wjCgvXt/r/1qRbYv95CpxR8Iwsy+6PA3+kwkHtb8XwnR/G2Gh9M8ZGSzDGGGOMMcZG48gYGy04KIrWZaWNrLVfVFAok9ZsQKHyVXfJH9YF8xz8GAAA',
};
/** The same with float32 data. */
const floats =
  'H4sIAAAAAAACA+3dP27CMBiHYQdIWZg5A1Mmxk7NUhGRoXtFncQVlUJAxhkyILr0D5I3Pk7BIWmbXKKK3kd6Pf0s+QZ+H12uL6p1kJkfFdpp8dOq3uyaaJVvrYk2denetLW6ET9ZWZNvq72zde7kLD5sl+LHVdFNzpKoD4mDTL7kSWZJkAyWavIp69CHhWt25u/W4HUup+9uMPTBvaRpurj9ao9EOclOD6p912NMRERERERERH1vSkRERERERES9DwAAAAAAAAAAAAAAAAAAAAAA/H/HmIiIiIiIiIj6nTjJ/F2pM1Pu5bn7TsDU0Q+K4mQNtmAAAA==';

function unpack(text: string): Buffer {
  return gunzipSync(Buffer.from(text, 'base64'));
}

/** The opcodes of the official files: Python 2.7, protocol 2, pixels as one `BINSTRING`. */
function createOfficialPickle(labels: readonly number[], planes: Buffer, type = 'u1'): Buffer {
  const count = Buffer.from([labels.length, 0]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(planes.length);
  return Buffer.concat([
    Buffer.from(
      '\x80\x02}q\x01(U\x0bbatch_labelq\x02U\x15training batch 1 of 5q\x03U\x06labelsq\x04]q\x05(',
      'latin1',
    ),
    Buffer.from(labels.flatMap((label) => [0x4b, label])),
    Buffer.from(
      'eU\x04dataq\x06cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85U\x01b\x87Rq\x09(K\x01M',
      'latin1',
    ),
    count,
    Buffer.from(
      `M\x00\x0c\x86cnumpy\ndtype\nq\x0aU\x02${type}K\x00K\x01\x87Rq\x0b(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T`,
      'latin1',
    ),
    length,
    planes,
    Buffer.from('tbu.', 'latin1'),
  ]);
}

describe('pickled batches', () => {
  it.each(Object.entries(pickles))('of Python 3 in protocol %s are read', (_protocol, text) => {
    const { labels, planes } = readPickledBatch('data_batch_1', unpack(text));
    expect(labels).toEqual([6, 9]);
    expect([0, 1023, 1024, 2048, 3072, 5120, 6143].map((at) => planes[at])).toEqual([
      200, 200, 150, 0, 0, 255, 255,
    ]);
    expect(planes.length).toBe(6144);
  });

  it('of Python 2 keep every byte value', () => {
    const planes = Buffer.from(Array.from({ length: 2 * 3072 }, (_, index) => (index * 5) % 256));
    const batch = readPickledBatch('data_batch_1', createOfficialPickle([3, 8], planes));
    expect(batch.labels).toEqual([3, 8]);
    expect(Buffer.from(batch.planes).equals(planes)).toBe(true);
  });

  it('become channels-last pixels like the binary version', () => {
    const { pixels, count } = readBatch('data_batch_1', unpack(pickles[2]));
    expect([count, ...pixels.subarray(0, 3), ...pixels.subarray(6141)]).toEqual([2, 200, 150, 0, 0, 0, 255]);
  });

  it('that name anything but NumPy arrays are refused', () => {
    const attack = Buffer.from('\x80\x02cos\nsystem\nU\x02idq\x00\x85R.', 'latin1');
    expect(() => readPickledBatch('data_batch_1', attack)).toThrow('found the name "os.system"');
    const stackGlobal = Buffer.from('\x80\x04\x8c\x08builtins\x8c\x04eval\x93.', 'latin1');
    expect(() => readPickledBatch('data_batch_1', stackGlobal)).toThrow('found the name "builtins.eval"');
  });

  it('leave the prototypes of this program alone', () => {
    const polluting = Buffer.from('\x80\x02}U\x09__proto__}U\x08pollutedK\x01ss.', 'latin1');
    expect(() => readPickledBatch('data_batch_1', polluting)).toThrow('holds no CIFAR-10 batch');
    expect('polluted' in {}).toBe(false);
  });

  it('that are truncated anywhere are refused', () => {
    const whole = createOfficialPickle([1], Buffer.alloc(3072));
    for (let length = 0; length < whole.length; length += 61) {
      expect(() => readPickledBatch('data_batch_1', whole.subarray(0, length)), `${length} bytes`).toThrow(
        /data_batch_1/,
      );
    }
  });

  it('that hold other arrays, other counts or labels above 9 are refused', () => {
    expect(() => readPickledBatch('b', unpack(floats))).toThrow(
      '2 labels and an array of type f4 and shape 2,3072',
    );
    const signed = createOfficialPickle([1], Buffer.alloc(3072), 'i1');
    expect(() => readPickledBatch('b', signed)).toThrow('an array of type i1');
    expect(() => readPickledBatch('b', createOfficialPickle([1, 2], Buffer.alloc(3072)))).toThrow(
      'found 2 labels',
    );
    expect(() => readPickledBatch('b', createOfficialPickle([], Buffer.alloc(0)))).toThrow('found 0 labels');
    expect(() => readBatch('b', createOfficialPickle([77], Buffer.alloc(3072)))).toThrow(
      'record 0: label 77',
    );
  });

  it('of endless instructions are refused', () => {
    const marks = Buffer.alloc(2_100_000, '(');
    expect(() => readPickledBatch('b', marks)).toThrow('more than 2000000 instructions');
  });
});
