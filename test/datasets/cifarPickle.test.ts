import { spawnSync } from 'node:child_process';
import { gunzipSync } from 'node:zlib';

import { describe, expect, it } from 'vitest';

import { readPickledBatch } from '../../main/datasets/cifarPickle.ts';
import { readBatch } from '../../main/datasets/cifarRecords.ts';

/**
 * Batches written by real Python versions as {batch_label, labels: [6, 9], data: uint8 [2, 3072], filenames}, by version and
 * protocol. Python 2.7 wrote objects that reduce like those of NumPy 1. The planes of row 0 are 200 (red), 150 (green) and
 * 0 (blue), those of row 1 are 0, 0 and 255.
 */
const pickles: Readonly<Record<string, string>> = {
  'python2 and numpy1, protocol 0':
    'H4sIAAAAAAACA+3dTW7CMBCG4f2cArFJNo3iBAIcIRsWzRYJOX8UKQQrcaQi9fAdQw9RoXfxSNbM+BvfwHHrUqmi1nobiTPSjMvNPZLmPnXJbRn81U6Tfch56pr7OPtpaby4TOLXnIztq+9yictUvNtoWK1JWz0X8ul2WjcqkzJPd5lW9387pPUP14k7SFxFiwnbU9EMHffOGL1rdE+Za+BPaOZyPB7LDyNPYZfZSF2m4fmn72YPAAAAAADe3aEAAAAAAADvLk0BAAAAAAAAAAAAAAAAAAAAAMB/1/cAAAAAAOC9hf8Bwo8DppB6rqLB1t0wh+JO4sGZvZSF2PIgVpu19c3X+TkSJg5SRX6y1/E6XlbP3sqs7v1qq80sFb3QX4dutLcuBGYmBGaZVGsbzYkbL2st5mI193Q6jaESxja6KvkFNdXJNVxhAAA=',
  'python2 and numpy1, protocol 1':
    'H4sIAAAAAAACA+3MTU7DMBAFYCctCXHLP4Uus8OrqF1wCLDoosI7qspO3BIpcTKOs4gE1+BM3KpAyi0y32I0mvc0n0CYGGfSSfBS05Z1l6SV1UnZFi6X1sqObq1OK9M426aOgs+ONWqyYwwjxomDsfAUnDgI1hAy7jHuv5Cpg9P/dua6WlOImPDbJVBOuOdgsoYp4yPhfcDZarV6Pvzqx9/Dc/W0WNBXMifkGyE0WF8IocEiCCGEEEIIocE4IIQGCy4cXCoRFFLpooGrDVwzHvBIi4mSLn3f9gHciJmzMje52cf9PV7G1S5+hFsR7fJCG1nqBmYbuGMilA9NUps93ItQvdF+nes2+QEP3UQNEBkAAA==',
  'python2 and numpy1, protocol 2':
    'H4sIAAAAAAACA+3KzU6DQBQF4IFWkGn9t9olO1mRdOFLOJFF4+xsmhmYVhIYuMOwINHEjTa+gM/kW1VDfQvut7i5Oee8u29AIj7OhBXgpLot6y5OK6Pisi1sLowRHV0blVa6saZNLQX3sKI6O7QwYuQDxtyRcLQDbwl+xBzmPpLpJxz/bzPb1YpCwN12AZQR5uxgsoRpxEbceYWTJEke9n/6w4iFU/n1ROaE/CCEBusbITRYBCGEEEIIITQYe4TQYMGZhXPJvUJIVTRwsYLLiHksUHwihU1f1n0BV3xmjch1rrdhn4eLsNqE93DNg01eKC1K1cBsBTcR98VdE9d6C7fcl8+0f+eqjX8Bfnp8kwsZAAA=',
  'python3 and numpy1, protocol 0':
    'H4sIAAAAAAACA+3cO27jMBSF4f6swqWaGCIVv5agxkUKVgMY1CMeAbJM6FEYyDpmTdlVhpRnDdP4PwA/XPClqw0wa0IuV/m5/n3pfdX2CkZuHn03dMN1sy5szOb+udkpWE1u3TQpFMr68K5yL1+e5CfX+Nkr7FQPyy08tvV9bLe3pZ87P47+ocvY1vdhmselnhX2yp77NDTP9XBQVuaaw1H1pb43bT2pHVKhcFLmqthY7LT3czeYWJu41Vh9BFOk6j1Vu3iFicOqLPKDTfP7f/2omR8hXmXiZ9ySLjiqzPM41otO8bjN49FC7iv+qNH5fC7fjNaR2rJWVTpwTc18E0JeNn8IIS+bX0seg4iIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI/9MfQsjLRsEWuq5vkNr08qjdpWqvanKfXd8O/tZOcc8hvZFqj3J+G4ZrnDjJu+pZF7n8tP0L3tits39VAAA=',
  'python3 and numpy1, protocol 1':
    'H4sIAAAAAAACA+3Wy06DQBQG4OlVS+vdetewcDErUhY+RCV2wYpN0wwwbUnotAeGRRPd+wS+jol9MB2ob8H/fwk5OWduSz6I8aDPGAuFjpazVIQypUYwNB2diUQlamFXI9u113P7hZpB18yqdTm1ptTmXtfryaBturHQgjqRKlabrROtM+msilQnIsvE1pplMlqrXGdFpC3q8v0yS8X7MR1wj2k6jGbROpZRbklVFhb1eNAo30fW/806US71NQ18OtJ07NMJ9xrca76xgabT/2Njvd2YzWc8aJpNhUvn49HIGo9cS9OFT5fca1XHvtNwMpm8/ppUn/INV2G5dmkuZs+M7T4BAACgbn6+AAAAoG4YgiAIgiAIgiC1ye4bAAAA6oaul31NNz7daroLg575JZgnqVRiJXO6n9IDDzqmJ5yNWtBjVYdV/SQL5w/+leDTXyUAAA==',
  'python3 and numpy1, protocol 2':
    'H4sIAAAAAAACA+3WyU7CQBzH8aEs2oK7uGt68NATCQdfwkYOPc2FkGkZoEkZ+LfTA4kmXmR5AV/HRB5Mh8Jb8Pt+kmYyW3vsp/VBzON1xlgodDTqJSKUCZV408zoVMQqVkO3WHLb7mTgvpDFa2at2JdRuUsVz6/5tuQVM9sXWlA1Uvl4OmtFk1S2xnmiY5GmYub0UhlNVKbTPNIO1ba7HNXfrtKBz77oMOpFk76MMkeqzcAhm5c2H0fO7rU6Vm2qz6kR0NGCjgM68fySb72xxpxOd3f29Wxqjp5xyxzJ23S+Wi7oIqBLzy8X171Ts9PpvP6ZiofPNF2Fq5HN2TNj6yUAAADsm99vAAAA2DcMIYQQQgghtDetfwAAAGDf0PWoPqebgG413YXcNr8EgziRSoxlRvddevB41cyJ1lQN6bEYh8X4Seatfw8mLgJSJQAA',
  'python3 and numpy1, protocol 3':
    'H4sIAAAAAAACA+3Uv26DMBAGcAMJLST937QZGZmQMvQF2q1WGTJ5iSIbnBQJDAdmQGqlLm2aF+gz9a1Si/QtuN9gnb7vJG/34bwDCdmEECK4Tl7XORcyB4vNTKJrnqlMbYO+ChZBuQkewGau6fq9BpwVjELqUk+ykUlTrjmME9UWVRclZS2jos11xuuad/66lkmpGl23ifbBPW75Kj22cELJJ5w+WQK8HfhLmITUovYLmX7B9H831V0lfThjtvmrXcD5/nsHF0u4DKnDLJO9wVUcx88Ho38o0XAt9o9kTsgvQmiwfhBCg0UQQgghhBBCg3FACA0W3Gi4Fcwzp2CT5VLxQjYwW8FdyMYm41GltnDfz6Kf57KN/gDAgS8yIBkAAA==',
  'python3 and numpy1, protocol 4':
    'H4sIAAAAAAACA+3Zv2rDMBAGcDmNU0yzFjp6zGTI0Bdot5p66F6CZCuJwZaNIg+GFrr0T+C2fO0z9XH6BqmjPIbvN+jg7pNA871Nv/9uhPeKBV0p6fLtqpJKV6BrZ2VpSrOJfTtexs06vgXN/HyHZyzSWRppmhbSySFvurrtk7yxOqm7ypXSWtmD5iur88bsnO1yhwMo9EHQpSnOkQNS8Y77QOETT8OrQTp5FPMPbCMKC9e3+nRr0i2x/zoHLih4QZZlD8eBP1LhoPZ3YvjNL2NstH4YY6MlGGOMMcYYY6NxZIyNFhwUReuy0kbW2u8pKJRJazagUPmqu+Qf3j3aGPsYAAA=',
  'python3 and numpy1, protocol 5':
    'H4sIAAAAAAACA+3ZvWrDMBAHcCWtAyGdAoWOHj0ZMuQJslXUQ/cSJEdKDbZsVHkINNCpH3BbrnmmPkLfpnVF38L/33B33B3SA9xL8vl9I6IjZ7TQKpSP21ppUzNdB68qV7l9GtvpKm1tumaaxfkTP3AmZ3Ju6HKngmJaur7pDnnZepMPpfFVybTYWt82urfWeD5xdhb//30BwGidAWC0BAAAAAAAjMYPAIwWUxLvBUPehUNn+MQ07Vf88f7G95zJC5o8c1EUt3/LMUgRWMvpnbh6ZZpsOAx7NLdVbZxqTLxHUKLyzu2HN3XMps9/Aae1D2rjGAAA',
  'python3 and numpy2, protocol 0':
    'H4sIAAAAAAACA+3cO27jMBSF4f6swqWaGCIVv5agxkUKVgMY1CMeAbJM6FEYyDpmTdlVhpRnDdP4PwA/XPClqw0wa0IuV/m5/n3pfdX2CkZuHn03dMN1sy5szOb+udkpWE1u3TQpFMr68K5yL1+e5CfX+Nkr7FQPyy08tpf6Prbb29LPnR9H/9BlbOv7MM3jUs8Ke2XPjRqa53o4KCtzzeGoOh5u2npSO6RC4aTMVbGz2Grv524wsTZxq7H6CKZI1XuqdvEKE4dVWeQHm+b3/xpSMz9CvMrEz7glXXBUmedxrBed4nGbx6OF3Ff8U6Pz+Vy+Ga0jtWWtqnTgmpr5JoS8bP4QQl42v5Y8BhERERERERERERERERERERERERERERERERERERERERERERER/6c/hJCXjYItdF3fILXp5VG7S9Ve1eQ+u74d/K2d4p5DeiTVHuX8NgzXOHGSd9WzLnL5afsXZQXJX4BVAAA=',
  'python3 and numpy2, protocol 1':
    'H4sIAAAAAAACA+3Wu07DMBQGYPcKTcudcgdlYPAUNQMPUSI6ZMpSVU7itpFStydxhkqw8wS8DhJ9MHBS3iL//0mR5XOO7TEfxHjQZ4yFQkfLWSpCmVIjGJodnYlEJWphVyXbtddz+4WaQdfUqr6cWlNqc6/r9WTQNrux0II6kSpWm60zi9aZdFZFqhORZWJrzTIZrVWusyLSFnX5vs9S8b5MB9xjmg4jMxjLKLekKhcW9XjQKB9I1v/VOlEu9TUNfDrSdOzTCfca3Gu+sYGm0/9jY73dmOEzHjTNUOHS+Xg0ssYj19J04dMl91rVse80nEwmr78m1ad8w1VY9i7NxeyZsd0nAAAA1M3PFwAAANQNQxAEQRAEQRCkNtl9AwAAQN3Q9bKv6canW013YdAzvwTzJJVKrGRO91N64EHH7Alnoxb0WK3Dav0kC+cPT5wl2mAlAAA=',
  'python3 and numpy2, protocol 2':
    'H4sIAAAAAAACA+3WyU7CQBzH8aEs2oK7uGs4eOipCQdfwkYOPc2FkGk7QJMy8C/TA4kmXmR5AV/HRB5Mh8Jb8Pt+kmYyW3vsp/VBzOV1xlgodDTspSKUKZV408zoTCQqUYNWsdRqt8b91gtZvGbWin1TKnep4vo135a8YmZjoQVVI5WPJjOvF40z6Y3yVCciy8TM6WUyGqupzvJIO1TbbnNUvF2lA5990WFkjsUymjpSbQYO2by0+Tpydu/ViWpTfU6NgI4WdBzQieuXfOuNNeZ0ursz1rOJOXrGLXMkb9P5armgi4AuXb9cXPdOzU6n8/pnKh4+03QVroY2Z8+MrZcAAACwb36/AQAAYN8whBBCCCGE0N60/gEAAIB9Q9fD+pxuArrVdBdy2/wS9JNUKjGSU7rv0oPLq2ZOeBM1oMdiHBbjJ5l7//rt60ZTJQAA',
  'python3 and numpy2, protocol 3':
    'H4sIAAAAAAACA+3Uv26DMBAGcBMSWkj6v2kzMjIhZegLtFutMmTyEiEbnBQJDAdmQGqlLm2aF+gz9a1Si/QtuN9gnb7vJG/3Yb8DCdiUECK4Tl7jnAuZg8XmJtE1z1Smtn5f+Uu/3PgPMGKO6fq9Buw1jAPqUFeysUlTrjlMEtUWVRfGSVnLsGhznfG65p0X1zIpVaPrNtEeOMc1T6XHFk4o+YTTJ0uAuwNvBdOAWnT0QmZfMPvfTXVXSQ/O2Mh81i7hfP+9g4sVXAbUZpbJ3uAqiqLng9E/lGi4FvtHsiDkFyE0WD8IocEiCCGEEEIIocE4IIQGC2403ArmmlOwyXKpeCEbmK/hLmATk/GwUlu472fRzwvZhn/RG3BTIRkAAA==',
  'python3 and numpy2, protocol 4':
    'H4sIAAAAAAACA+3Zv07DMBAGcKc0RRFdQYwZO0XqwAvARkQGdlTZidtGSpzIdYZIILHwp9Jt/eCZeB2eoAT3MXK/wSfdfbbk+V6nX7/XwnvBgi6UdPl2VUmlK9Cls7I0pdnEvh0v42Yd34Bmfr7DExbpLI00TQvpJOjKdHXbJ6u8sTqpu8qV0lrZg+Yrq/PG7JztcocDKPRJ0LkpTpEDUvGGu0DhA4/Ds0E6eRDzd2wjCgvXt/r/1qRbYv95CpxR8Iwsy+6PA3+kwkHtb8XwnR/G2Gh9M8ZGSzDGGGOMMcZG48gYGy04KIrWZaWNrLVfVFAok9ZsQKHyVXfJH9YF8xz8GAAA',
  'python3 and numpy2, protocol 5':
    'H4sIAAAAAAACA+3ZvWrDMBAHcCWpAyHdSqGjR0+GDH2CbhH10L0YyZFSgy0bVR4CLXTqB9yWa56pr9CnaV3Rt/D/N9wdd4f0APeSfH5fieiZM1prFaqHslHaNEyXwava1W6fxna6STubXjMt4/yR7zmTS7kydLZTQTFduKHtD3lZdd7kY218XTGtS+u7Vg/WGs9Hzk7i/8MvAJisEwBMlgAAAAAAgMn4AYDJYkriwWDMu3DoDR+Z5sOGP97f+I4zuaDZExdFsf1bjkGKwFrOb8X5K9PshsO4RytbN8ap1sSDBCUq791+fFPHbIb8F1Oh57LkGAAA',
};
/** The same batch with float32 data. */
const floats =
  'H4sIAAAAAAACA+3dP27CMBiHYQdIWZg5A1Mmxk7NUhGRoXtFncQVlUJAxhkyILr0D5I3Pk7BIWmbXKKK3kd6Pf0s+QZ+H12uL6p1kJkfFdpp8dOq3uyaaJVvrYk2denetLW6ET9ZWZNvq72zde7kLD5sl+LHVdFNzpKoD4mDTL7kSWZJkAyWavIp69CHhWt25u/W4HUup+9uMPTBvaRpurj9ao9EOclOD6p912NMRERERERERH1vSkRERERERES9DwAAAAAAAAAAAAAAAAAAAAAA/H/HmIiIiIiIiIj6nTjJ/F2pM1Pu5bn7TsDU0Q+K4mQNtmAAAA==';

function unpack(text: string): Buffer {
  return gunzipSync(Buffer.from(text, 'base64'));
}

/** Creates a batch with the opcodes of the official files: Python 2.7, protocol 2, pixels as one `BINSTRING`. */
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
  it.each(Object.entries(pickles))('of %s are read', (_writer, text) => {
    const { labels, planes } = readPickledBatch('data_batch_1', unpack(text));
    expect(labels).toEqual([6, 9]);
    expect([0, 1023, 1024, 2048, 3072, 5120, 6143].map((at) => planes[at])).toEqual([
      200, 200, 150, 0, 0, 255, 255,
    ]);
    expect(planes.length).toBe(6144);
  });

  it('of Python 2 are read with every byte value', () => {
    const planes = Buffer.from(Array.from({ length: 2 * 3072 }, (_, index) => (index * 5) % 256));
    const batch = readPickledBatch('data_batch_1', createOfficialPickle([3, 8], planes));
    expect(batch.labels).toEqual([3, 8]);
    expect(Buffer.from(batch.planes).equals(planes)).toBe(true);
  });

  it('are converted to channels-last pixels like the binary version', () => {
    const { pixels, count } = readBatch('data_batch_1', unpack(pickles['python3 and numpy2, protocol 2']));
    expect([count, ...pixels.subarray(0, 3), ...pixels.subarray(6141)]).toEqual([2, 200, 150, 0, 0, 0, 255]);
  });

  it('that name anything but NumPy arrays are rejected', () => {
    const attack = Buffer.from('\x80\x02cos\nsystem\nU\x02idq\x00\x85R.', 'latin1');
    expect(() => readPickledBatch('data_batch_1', attack)).toThrow('found the name "os.system"');
    const stackGlobal = Buffer.from('\x80\x04\x8c\x08builtins\x8c\x04eval\x93.', 'latin1');
    expect(() => readPickledBatch('data_batch_1', stackGlobal)).toThrow('found the name "builtins.eval"');
  });

  it('cannot change the prototypes of this program', () => {
    const polluting = Buffer.from('\x80\x02}U\x09__proto__}U\x08pollutedK\x01ss.', 'latin1');
    expect(() => readPickledBatch('data_batch_1', polluting)).toThrow('holds no CIFAR-10 batch');
    expect('polluted' in {}).toBe(false);
  });

  it('that are truncated anywhere are rejected', () => {
    const whole = createOfficialPickle([1], Buffer.alloc(3072));
    for (let length = 0; length < whole.length; length += 61) {
      expect(() => readPickledBatch('data_batch_1', whole.subarray(0, length)), `${length} bytes`).toThrow(
        /data_batch_1/,
      );
    }
  });

  it('with other arrays, different counts or labels above 9 are rejected', () => {
    expect(() => readPickledBatch('b', unpack(floats))).toThrow(
      '2 labels and an array of type f4 and shape 2,3072',
    );
    const signed = createOfficialPickle([1], Buffer.alloc(3072), 'i1');
    expect(() => readPickledBatch('b', signed)).toThrow('an array of type i1');
    const wide = createOfficialPickle([1], Buffer.alloc(2 * 3072, 1), 'i2');
    expect(() => readPickledBatch('b', wide)).toThrow('an array of type i2');
    expect(() => readPickledBatch('b', createOfficialPickle([1, 2], Buffer.alloc(3072)))).toThrow(
      'found 2 labels',
    );
    expect(() => readPickledBatch('b', createOfficialPickle([], Buffer.alloc(0)))).toThrow('found 0 labels');
    expect(() => readBatch('b', createOfficialPickle([77], Buffer.alloc(3072)))).toThrow(
      'record 0: label 77',
    );
  });

  it('of CIFAR-100 are rejected by name', () => {
    const fine = Buffer.from('\x80\x02}U\x0bfine_labels]s.', 'latin1');
    expect(() => readPickledBatch('train', fine)).toThrow('train is a file of CIFAR-100');
  });

  it.each([
    ['a class of another library', 'collections\nCounter', 'collections.Counter'],
    ['a function with access to the system', 'builtins\ngetattr', 'builtins.getattr'],
    ['an attribute of every object', 'numpy.core\nconstructor', 'numpy.core.constructor'],
  ])('that name %s are rejected with the name and the next step', (_what, name, found) => {
    const pickle = Buffer.from(`\x80\x02c${name}\n.`, 'latin1');
    expect(() => readPickledBatch('b', pickle)).toThrow(
      `found the name "${found}", expected only NumPy arrays. Save the batches with NumPy arrays or lists`,
    );
  });

  it('with too many instructions are rejected', () => {
    const marks = Buffer.alloc(2_100_000, '(');
    expect(() => readPickledBatch('b', marks)).toThrow('more than 2000000 instructions');
  });
});

/** Python expressions for batches as people convert them before they save them again. */
const variants: Readonly<Record<string, string>> = {
  'labels as an array, keys as bytes': "{b'labels': np.array([6, 9]), b'data': data}",
  'labels of the other byte order': "{'labels': np.array([6, 9], '>i4'), 'data': data}",
  'labels as a tuple': "{'labels': (6, 9), 'data': data}",
  'labels as NumPy numbers': "{'labels': [np.int64(6), np.uint8(9)], 'data': data}",
  'images in Fortran order': "{'labels': [6, 9], 'data': np.asfortranarray(data)}",
  'images as lists': "{'labels': [6, 9], 'data': data.tolist()}",
  'images as a list of rows': "{'labels': [6, 9], 'data': list(data)}",
  'images as planes': "{'labels': [6, 9], 'data': data.reshape(2, 3, 32, 32)}",
  'images as channels-last pixels':
    "{'labels': [6, 9], 'data': data.reshape(2, 3, 32, 32).transpose(0, 2, 3, 1).copy()}",
  'images as a transposed view':
    "{'labels': [6, 9], 'data': data.reshape(2, 3, 32, 32).transpose(0, 2, 3, 1).copy().transpose(0, 3, 1, 2)}",
  'images of a wider type': "{'labels': [6, 9], 'data': data.astype(np.int64)}",
  'an ordered dictionary': 'OrderedDict(labels=[6, 9], data=data)',
};

const script = `
import base64, json, pickle, sys
from collections import OrderedDict
import numpy as np
data = np.zeros((2, 3072), np.uint8)
data[0, :1024], data[0, 1024:2048], data[1, 2048:] = 200, 150, 255
variants = json.loads(sys.stdin.read())
print(json.dumps({f'{name}, protocol {protocol}': base64.b64encode(pickle.dumps(eval(value), protocol)).decode()
    for name, value in variants.items() for protocol in range(6)}))
`;
const python = spawnSync('python3', ['-c', script], {
  input: JSON.stringify(variants),
  encoding: 'utf8',
  maxBuffer: 64 * 2 ** 20,
});

describe('pickled batches from the installed Python', () => {
  it.skipIf(python.error !== undefined || python.stderr.includes('ModuleNotFoundError'))(
    'are read in every form and protocol (skipped without Python 3 and NumPy)',
    () => {
      const written = JSON.parse(python.stdout) as Record<string, string>;
      expect(Object.keys(written).length).toBe(6 * Object.keys(variants).length);
      for (const [name, text] of Object.entries(written)) {
        const { labels, planes } = readPickledBatch(name, Buffer.from(text, 'base64'));
        const found = [0, 1023, 1024, 2048, 3072, 5120, 6143].map((at) => planes[at]);
        expect([name, ...labels, planes.length, ...found]).toEqual([
          name,
          6,
          9,
          6144,
          200,
          200,
          150,
          0,
          0,
          255,
          255,
        ]);
      }
    },
  );
});
