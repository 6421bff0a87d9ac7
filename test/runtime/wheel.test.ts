import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { listCudaRequirements, placeWheelFile } from '../../main/runtime/library.ts';
import { downloadWheel, unpackWheel } from '../../main/runtime/wheel.ts';
import { createZip } from './zipBytes.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'wheel-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('unpackWheel', () => {
  const library = Buffer.alloc(300_000, 'library');

  it('writes the chosen files and returns their sizes and SHA-256', async () => {
    const archive = join(folder, 'one.whl');
    writeFileSync(
      archive,
      createZip([
        { name: 'tensorflow/libtensorflow_cc.so.2', content: library },
        { name: 'tensorflow/python/big.py', content: Buffer.from('not wanted') },
        { name: 'nvidia/cuda_nvcc/bin/ptxas', content: Buffer.from('program'), isProgram: true },
      ]),
    );
    const files = await unpackWheel(archive, join(folder, 'out'), placeWheelFile);
    expect(files.map(({ path, bytes }) => [path, bytes])).toEqual([
      ['lib/libtensorflow_cc.so.2', 300_000],
      ['nvidia/cuda_nvcc/bin/ptxas', 7],
    ]);
    expect(files[0].sha256).toBe(createHash('sha256').update(library).digest('hex'));
    expect(readFileSync(join(folder, 'out', files[0].path)).equals(library)).toBe(true);
    expect(statSync(join(folder, 'out', files[1].path)).mode & 0o100).not.toBe(0);
    expect(existsSync(join(folder, 'out', 'tensorflow'))).toBe(false);
  });

  it('rejects an archive that was cut off', async () => {
    const archive = join(folder, 'half.whl');
    const bytes = createZip([{ name: 'tensorflow/libtensorflow_cc.so.2', content: library }]);
    writeFileSync(archive, bytes.subarray(0, bytes.length / 2));
    await expect(unpackWheel(archive, join(folder, 'out'), placeWheelFile)).rejects.toThrow();
  });

  it('rejects an archive with changed bytes', async () => {
    const archive = join(folder, 'changed.whl');
    const bytes = createZip([{ name: 'tensorflow/libtensorflow_cc.so.2', content: library }]);
    for (const offset of [80, 200]) {
      const changed = Buffer.from(bytes);
      changed[offset] ^= 0x10;
      writeFileSync(archive, changed);
      await expect(unpackWheel(archive, join(folder, 'out'), placeWheelFile)).rejects.toThrow();
    }
  });

  it('rejects a file with a wrong checksum', async () => {
    const archive = join(folder, 'checksum.whl');
    const bytes = createZip([{ name: 'tensorflow/libtensorflow_cc.so.2', content: library }]);
    // The CRC-32 is at byte 16 of an entry of the central directory.
    bytes[bytes.indexOf('PK\u0001\u0002') + 16] ^= 1;
    writeFileSync(archive, bytes);
    await expect(unpackWheel(archive, join(folder, 'out'), placeWheelFile)).rejects.toThrow(/is damaged/);
  });
});

describe('the chosen files of the wheels', () => {
  it('are the two libraries, the C headers and NVIDIA’s files without their headers', () => {
    const paths = {
      'tensorflow/libtensorflow_framework.so.2': 'lib/libtensorflow_framework.so.2',
      'tensorflow/include/tensorflow/c/eager/c_api.h': 'include/tensorflow/c/eager/c_api.h',
      'tensorflow/include/xla/tsl/c/tsl_status.h': 'include/xla/tsl/c/tsl_status.h',
      'tensorflow/include/Eigen/Core': null,
      'tensorflow/python/_pywrap_tfe.so': null,
      'nvidia/cublas/lib/libcublas.so.12': 'nvidia/cublas/lib/libcublas.so.12',
      'nvidia/cublas/include/cublas.h': null,
    };
    for (const [name, path] of Object.entries(paths)) expect(placeWheelFile(name)).toBe(path);
  });

  it('include the CUDA packages that the metadata of the wheel names', () => {
    const metadata = [
      'Requires-Dist: numpy>=1.26.0',
      'Requires-Dist: nvidia-cublas-cu12<13.0,>=12.5.3.2; extra == "and-cuda"',
      "Requires-Dist: nvidia-nccl-cu12 (<3.0,>=2.25.1) ; extra == 'and-cuda'",
      'Requires-Dist: tensorflow-io-gcs-filesystem; extra == "gcs-filesystem"',
    ].join('\n');
    expect(listCudaRequirements(metadata)).toEqual([
      'nvidia-cublas-cu12<13.0,>=12.5.3.2',
      'nvidia-nccl-cu12<3.0,>=2.25.1',
    ]);
  });
});

describe('downloadWheel', () => {
  it('names the package and the next step if the download fails', async () => {
    await expect(downloadWheel(process.execPath, 'tensorflow-cpu==2.21.0', folder)).rejects.toThrow(
      /could not download tensorflow-cpu==2\.21\.0 .*npm run setup/,
    );
  });
});
