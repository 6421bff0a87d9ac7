import { createHash } from 'node:crypto';
import { copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { removeStrayTemps } from '../../../main/store/files/atomicFile.ts';
import {
  checkpointPath,
  parseCheckpointName,
  readCheckpoint,
  verifyCheckpoint,
  writeCheckpoint,
} from '../../../main/store/files/checkpointFile.ts';
import { findNewestVerified } from '../../../main/store/files/checkpointFolder.ts';
import { type FileSystem, nodeFileSystem } from '../../../main/store/files/fileSystem.ts';
import { writeSafetensors } from '../../../main/store/files/safetensors.ts';
import { DamagedFileError } from '../../../main/store/files/safetensorsHeader.ts';
import { randomUniforms } from '../../../shared/numbers/random.ts';
import { startChild } from '../children/startChild.ts';
import { makeTemporaryFolder } from '../temporaryFolder.ts';
import { exampleCheckpoint } from './exampleCheckpoint.ts';
import { createFaultyFileSystem, type FaultPlan } from './faultyFileSystem.ts';

/** Returns the number of file system calls for writing one example checkpoint. */
function countCalls(): number {
  const counting = createFaultyFileSystem({ fault: 'EIO', at: -1, lasts: 'once' });
  writeCheckpoint(makeTemporaryFolder(), exampleCheckpoint(1), counting);
  return counting.calls();
}

/** Returns a file system whose only file has these bytes. */
function holdInMemory(bytes: Uint8Array): FileSystem {
  const read = (_file: number, target: Uint8Array, position: number): number => {
    const part = bytes.subarray(position, position + target.byteLength);
    target.set(part);
    return part.byteLength;
  };
  return { ...nodeFileSystem, open: () => 0, close: () => undefined, size: () => bytes.byteLength, read };
}

const callCount = 14;
const callNumbers = Array.from({ length: callCount }, (_, index) => index);

describe('writeCheckpoint', () => {
  it('writes a file that readCheckpoint reads bit for bit', () => {
    const folder = makeTemporaryFolder();
    const written = writeCheckpoint(folder, exampleCheckpoint(1200));
    const read = readCheckpoint(join(folder, 'ckpt-1200.safetensors'));
    expect(read.step).toBe(1200);
    expect([...read.tensors]).toEqual(expect.arrayContaining([...exampleCheckpoint(1200).tensors]));
    expect(read.metadata).toMatchObject({ epoch: '2400', step: '1200' });
    expect(verifyCheckpoint(join(folder, written.file))).toEqual(written);
  });

  it('returns the size of the file and the SHA-256 of its data', () => {
    const folder = makeTemporaryFolder();
    const written = writeCheckpoint(folder, exampleCheckpoint(3));
    const bytes = readFileSync(join(folder, written.file));
    const data = bytes.subarray(8 + Number(bytes.readBigUInt64LE(0)));
    expect(written.bytes).toBe(statSync(join(folder, written.file)).size);
    expect(data.byteLength).toBe(6 * 4 + 8);
    expect(written.sha256).toBe(createHash('sha256').update(data).digest('hex'));
  });

  it('rejects reserved metadata and steps that are not integers ≥ 0', () => {
    const folder = makeTemporaryFolder();
    const contents = exampleCheckpoint(1);
    expect(() => writeCheckpoint(folder, { ...contents, metadata: { sha256: 'x' } })).toThrow(
      /"sha256" found/,
    );
    expect(() => writeCheckpoint(folder, { ...contents, step: -1 })).toThrow(/Step -1 found/);
    expect(() => writeCheckpoint(folder, { ...contents, step: 0.5 })).toThrow(/Step 0.5 found/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('makes as many file system calls as the fault tests below assume', () => {
    expect(countCalls()).toBe(callCount);
  });
});

const faults: readonly Omit<FaultPlan, 'at'>[] = [
  { fault: 'ENOSPC', lasts: 'once' },
  { fault: 'ENOSPC', lasts: 'always' },
  { fault: 'EIO', lasts: 'once' },
  { fault: 'EIO', lasts: 'always' },
  { fault: 'short write', lasts: 'once' },
  { fault: 'short write', lasts: 'always' },
];

describe.each(faults)('writing a checkpoint with $fault $lasts', (plan) => {
  it.each(callNumbers)('at call %i leaves the old checkpoint intact, and the next attempt succeeds', (at) => {
    const folder = makeTemporaryFolder();
    writeCheckpoint(folder, exampleCheckpoint(1));
    let error: unknown;
    try {
      writeCheckpoint(folder, exampleCheckpoint(2), createFaultyFileSystem({ ...plan, at }));
    } catch (thrown) {
      error = thrown;
    }
    expect(readCheckpoint(checkpointPath(folder, 1)).tensors).toEqual(exampleCheckpoint(1).tensors);
    if (error instanceof Error)
      expect(error.message).toMatch(/step 2 could not be saved .* free space, then resume/);
    else expect(readCheckpoint(checkpointPath(folder, 2)).tensors).toEqual(exampleCheckpoint(2).tensors);
    if (plan.fault !== 'short write') expect(error).toBeInstanceOf(Error);
    if (plan.lasts === 'once')
      expect(readdirSync(folder).filter((file) => file.includes('.tmp-'))).toEqual([]);
    removeStrayTemps(folder);
    writeCheckpoint(folder, exampleCheckpoint(2));
    expect(findNewestVerified(folder)).toMatchObject({ checkpoint: { step: 2 }, damaged: [] });
    expect(readdirSync(folder).sort()).toEqual(['ckpt-1.safetensors', 'ckpt-2.safetensors']);
  });
});

describe('killing a process that writes a checkpoint', () => {
  // Calls 1 to 3 write header, weights and counter, for which the process dies after each of 64 parts.
  it.each(callNumbers)(
    'at call %i leaves the old or the new checkpoint intact, however much was written',
    (at) => {
      for (let part = 0; part <= (at >= 1 && at <= 3 ? 64 : 0); part++) {
        const folder = makeTemporaryFolder();
        writeCheckpoint(folder, exampleCheckpoint(7));
        const dying = createFaultyFileSystem({ fault: 'kill', at, lasts: 'always', share: part / 64 });
        expect(() => writeCheckpoint(folder, exampleCheckpoint(8), dying)).toThrow();
        removeStrayTemps(folder);
        const { checkpoint, damaged } = findNewestVerified(folder);
        const step = checkpoint?.step ?? -1;
        expect(damaged).toEqual([]);
        expect([7, 8]).toContain(step);
        expect(readCheckpoint(checkpointPath(folder, step)).tensors).toEqual(exampleCheckpoint(step).tensors);
        expect(readdirSync(folder).every((file) => parseCheckpointName(file) !== undefined)).toBe(true);
      }
    },
  );

  it.each(callNumbers)('at call %i of overwriting a step leaves that step intact', (at) => {
    const folder = makeTemporaryFolder();
    writeCheckpoint(folder, exampleCheckpoint(7));
    const dying = createFaultyFileSystem({ fault: 'kill', at, lasts: 'always' });
    expect(() => writeCheckpoint(folder, exampleCheckpoint(7), dying)).toThrow();
    expect(readCheckpoint(checkpointPath(folder, 7)).tensors).toEqual(exampleCheckpoint(7).tensors);
  });
});

describe('a damaged checkpoint', () => {
  it('is rejected whichever bit is flipped', () => {
    const folder = makeTemporaryFolder();
    const { file } = writeCheckpoint(folder, exampleCheckpoint(5));
    const bytes = readFileSync(join(folder, file));
    const port = holdInMemory(bytes);
    expect(verifyCheckpoint(file, port).step).toBe(5);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3] ^= 1 << (bit & 7);
      expect(() => verifyCheckpoint(file, port), `bit ${bit}`).toThrow(DamagedFileError);
      bytes[bit >> 3] ^= 1 << (bit & 7);
    }
  });

  it('is rejected at any length it is cut off, both when it is read and when it is verified', () => {
    const folder = makeTemporaryFolder();
    const { file } = writeCheckpoint(folder, exampleCheckpoint(5));
    const bytes = readFileSync(join(folder, file));
    for (let length = 0; length < bytes.length; length++) {
      const port = holdInMemory(bytes.subarray(0, length));
      expect(() => verifyCheckpoint(file, port)).toThrow(DamagedFileError);
      expect(() => readCheckpoint(file, port)).toThrow(DamagedFileError);
    }
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(join(folder, file), bytes);
    expect(() => readCheckpoint(join(folder, file))).toThrow(/SHA-256 .* of the data found/);
  });

  it('can also be a file with the name of another step', () => {
    const folder = makeTemporaryFolder();
    writeCheckpoint(folder, exampleCheckpoint(5));
    copyFileSync(checkpointPath(folder, 5), checkpointPath(folder, 6));
    expect(() => readCheckpoint(checkpointPath(folder, 6))).toThrow(
      /step 5 found, step 6 as its name says expected/,
    );
  });

  it('can also be another safetensors file, whose format is reported', () => {
    const path = join(makeTemporaryFolder(), 'other.safetensors');
    writeSafetensors(path, { metadata: { format: 'pt' }, tensors: new Map() });
    expect(() => readCheckpoint(path)).toThrow(/format "pt" found, "sparse-field-lab checkpoint 1" expected/);
  });
});

const delays = randomUniforms({ seed: 11, stream: 'order', step: 0 }, 10);

describe('SIGKILL while checkpoints are written', () => {
  it.each([...delays.keys()])(
    'leaves the last committed checkpoint or the next one intact (attempt %i)',
    async (kill) => {
      const folder = makeTemporaryFolder();
      const child = startChild('writeCheckpoints.ts', folder);
      await child.waitFor('2\n');
      await delay(40 * delays[kill]);
      await child.kill();
      const committed = Number(child.output().trim().split('\n').at(-1));
      removeStrayTemps(folder);
      const { checkpoint, damaged } = findNewestVerified(folder);
      const step = checkpoint?.step ?? -1;
      expect(damaged).toEqual([]);
      expect([committed, committed + 1]).toContain(step);
      expect(readCheckpoint(checkpointPath(folder, step)).tensors).toEqual(
        exampleCheckpoint(step, 100_000).tensors,
      );
      expect(readdirSync(folder).filter((name) => name.includes('.tmp-'))).toEqual([]);
    },
  );
});
