/** Downloads a Python wheel through pip and unpacks some of its files. A wheel is a zip archive; Python never runs it. */

import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { openPromise } from 'yauzl';

import { lastLine, runCommand } from './command.ts';
import { nameConnection } from './networkProxy.mjs';
import { beginProgress, formatMegabytes } from './progress.ts';

/** One unpacked file; `path` is relative to the folder it was unpacked into. */
export interface UnpackedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Any Python can download these wheels, because nothing is installed. */
const wheelOptions = ['--only-binary=:all:', '--implementation=cp', '--python-version=3.11'];

/** Milliseconds without a new byte after which a download counts as dead. */
const stallLimit = 90_000;

/** Finds a Python that has pip. @throws Error with the next step if there is none. */
export async function findPip(): Promise<string> {
  for (const program of ['python3', 'python']) {
    const answer = await runCommand(program, ['-m', 'pip', '--version'], { limit: 20_000 });
    if (answer.isOk) return program;
  }
  throw new Error(
    'Python 3 with pip was not found; install python3 and python3-pip, then run: npm run setup',
  );
}

/**
 * Downloads the wheel of `requirement` (such as `tensorflow-cpu==2.21.0`) for the platform tags `tags` into `folder` and
 * returns its path. pip checks it against the index's checksum.
 * @throws Error if pip finds no such wheel, the network is unavailable, or nothing arrives for 90 s.
 */
export async function downloadWheel(
  python: string,
  { requirement, tags }: { readonly requirement: string; readonly tags: readonly string[] },
  folder: string,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const progress = beginProgress(`downloading ${requirement}`);
  const downloadArguments = [
    '-m',
    'pip',
    'download',
    requirement,
    '--no-deps',
    ...wheelOptions,
    ...tags.map((tag) => `--platform=${tag}`),
    '--dest',
    folder,
  ];
  const quietArguments = [
    '--no-cache-dir',
    '--timeout=15',
    '--retries=1',
    '--disable-pip-version-check',
    '--no-input',
    '-q',
  ];
  const result = await runCommand(python, [...downloadArguments, ...quietArguments], {
    limit: 3_600_000,
    // pip downloads to its temporary folder first; inside ours, progress can be watched and nothing is left behind.
    environment: { TMPDIR: folder, PIP_PROGRESS_BAR: 'off' },
    watch: watchGrowth(folder, (bytes) => progress.update(formatMegabytes(bytes))),
  });
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (!result.isOk || wheel === undefined) {
    progress.end('failed');
    throw new Error(
      `pip could not download ${requirement} (${lastLine(result.stderr) || result.failure}); ` +
        `check ${nameConnection()} or pip’s index, then run: npm run setup`,
    );
  }
  const path = join(folder, wheel);
  progress.end(formatMegabytes((await stat(path)).size));
  return path;
}

/** A watcher for `runCommand`: reports the size of the folder, and ends a download that has stalled. */
export function watchGrowth(folder: string, report: (bytes: number) => void): () => string | null {
  let known = 0;
  let grownAt = performance.now();
  return () => {
    void measureFolder(folder).then((bytes) => {
      if (bytes <= known) return;
      known = bytes;
      grownAt = performance.now();
      report(bytes);
    });
    return performance.now() - grownAt > stallLimit ? `nothing arrived for ${stallLimit / 1000} s` : null;
  };
}

async function measureFolder(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = names.map((name) =>
    stat(join(folder, name)).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/**
 * Unpacks the files of the zip archive `archive` for which `place` returns a path relative to `folder`. Files are streamed and
 * never completely in memory.
 */
export async function unpackWheel(
  archive: string,
  folder: string,
  place: (name: string) => string | null,
): Promise<UnpackedFile[]> {
  const progress = beginProgress('unpacking');
  const zip = await openPromise(archive, { lazyEntries: true, autoClose: false });
  const files: UnpackedFile[] = [];
  let total = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      const path = entry.fileName.endsWith('/') ? null : place(entry.fileName);
      if (path === null) continue;
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      const mode = ((entry.externalFileAttributes >>> 16) & 0o111) === 0 ? 0o644 : 0o755;
      const { checksum, ...file } = await writeHashed(await zip.openReadStreamPromise(entry), target, mode);
      if (checksum !== entry.crc32) {
        throw new Error(
          `${entry.fileName} in ${archive} is damaged (CRC-32 ${checksum}, expected ${entry.crc32}); download it again.`,
        );
      }
      files.push({ path, ...file });
      total += file.bytes;
      progress.update(formatMegabytes(total));
    }
  } finally {
    zip.close();
    progress.end(formatMegabytes(total));
  }
  return files;
}

/** Writes a stream to a file. Listens to `source` at once, because an unhandled error of a damaged archive would end the process. */
async function writeHashed(
  source: NodeJS.ReadableStream,
  path: string,
  mode: number,
): Promise<{ bytes: number; sha256: string; checksum: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  let checksum = 0;
  const meter = new Transform({
    transform(piece: Buffer, _encoding, done) {
      hash.update(piece);
      checksum = crc32(piece, checksum);
      bytes += piece.length;
      done(null, piece);
    },
  });
  await pipeline(source, meter, createWriteStream(path, { mode }));
  return { bytes, sha256: hash.digest('hex'), checksum };
}
