import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  claimPart,
  downloadArchive,
  type DownloadOptions,
  type RemoteArchive,
  removeParts,
} from '../../main/datasets/download.ts';
import { openDataset } from '../../main/datasets/registry.ts';
import { createArchive, createBinaryBatch } from './cifarFiles.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

const payload = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * index) % 251));

let server: Server;
let answer: Answer;
let ranges: (string | undefined)[] = [];
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'download-'));
  ranges = [];
  answer = serveRange(payload);
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    void answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

/** Responds like a plain file server with the whole file, or the part from `Range: bytes=<start>-`. */
function serveRange(bytes: Buffer): Answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, { 'Content-Length': bytes.length - start });
    response.end(bytes.subarray(start));
  };
}

/** Announces the whole file, sends the first `length` bytes and drops the connection. */
/** Breaks the connection once some of `length` bytes have been stored: what is still under way is lost with it. */
function breakAfter(length: number): Answer {
  return async (_request, response) => {
    response.writeHead(200, { 'Content-Length': payload.length });
    response.write(payload.subarray(0, length));
    await vi.waitUntil(() => existsSync(part()) && statSync(part()).size > 0, {
      timeout: 60_000,
      interval: 5,
    });
    response.destroy();
  };
}

function archive(change: Partial<RemoteArchive> = {}): RemoteArchive {
  const { port } = server.address() as AddressInfo;
  const md5 = createHash('md5').update(payload).digest('hex');
  return {
    url: `http://127.0.0.1:${port}/set.tar.gz`,
    bytes: payload.length,
    md5,
    advice: 'Import it.',
    ...change,
  };
}

function download(change: Partial<RemoteArchive> = {}, options: Partial<DownloadOptions> = {}) {
  return downloadArchive(archive(change), { folder, ...options });
}

const partName = `set.tar.gz.${process.pid}.part`;
const part = () => join(folder, partName);

describe('a download', () => {
  it('leaves only the verified file', async () => {
    const phases: string[] = [];
    const file = await download({}, { onProgress: ({ phase, done }) => phases.push(`${phase} ${done}`) });
    expect((await readFile(file)).equals(payload)).toBe(true);
    expect(await readdir(folder)).toEqual(['set.tar.gz']);
    expect(phases).toContain('downloading 300000');
    expect(phases.at(-1)).toBe('verifying 300000');
  });

  it('is not repeated if the file exists', async () => {
    await download();
    await download();
    expect(ranges).toEqual([undefined]);
  });

  it('creates its folder', async () => {
    const deep = join(folder, 'a', 'b');
    expect(await downloadArchive(archive(), { folder: deep })).toBe(join(deep, 'set.tar.gz'));
  });

  it('resumes after a broken connection', async () => {
    answer = breakAfter(100_000);
    await expect(download()).rejects.toThrow(/stopped at \d+ of 300000 bytes\. Run it again/);
    expect(await readdir(folder)).toEqual([partName]);
    const received = (await readFile(part())).length;
    expect(received).toBeGreaterThan(0);
    answer = serveRange(payload);
    expect((await readFile(await download())).equals(payload)).toBe(true);
    expect(ranges).toEqual([undefined, `bytes=${received}-`]);
  });

  it('starts over if the server cannot resume', async () => {
    await writeFile(part(), payload.subarray(0, 1000));
    answer = (_request, response) =>
      response.writeHead(200, { 'Content-Length': payload.length }).end(payload);
    expect((await readFile(await download())).equals(payload)).toBe(true);
  });

  it('needs no server if only the final rename is missing', async () => {
    await writeFile(part(), payload);
    await download();
    expect(ranges).toEqual([]);
    expect(await readdir(folder)).toEqual(['set.tar.gz']);
  });

  it('removes a file with a wrong hash and reports both hashes', async () => {
    const md5 = '0'.repeat(32);
    await expect(download({ md5 })).rejects.toThrow(
      /received 300000 bytes with MD5 [0-9a-f]{32}, expected .* MD5 0{32}/,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('removes a partial file that is longer than the archive', async () => {
    await writeFile(part(), Buffer.concat([payload, payload]));
    await expect(download()).rejects.toThrow('received 600000 bytes');
    expect((await readFile(await download())).equals(payload)).toBe(true);
  });

  it('rejects a response of another size before writing it', async () => {
    answer = (_request, response) => response.writeHead(200, { 'Content-Length': 7 }).end('sign in');
    await expect(download()).rejects.toThrow('answered 200 with 7 bytes; expected 300000. Import it.');
    expect((await readFile(part())).length).toBe(0);
  });

  it('stops reading an endless response', async () => {
    answer = (_request, response) => {
      response.writeHead(200);
      const send = (): void => {
        if (!response.destroyed) response.write(payload, () => setImmediate(send));
      };
      send();
    };
    await expect(download()).rejects.toThrow('more than 300000 bytes');
    expect(await readdir(folder)).toEqual([]);
  });

  it('reports the HTTP status of an error', async () => {
    answer = (_request, response) => response.writeHead(404, { 'Content-Length': 0 }).end();
    await expect(download()).rejects.toThrow('answered 404');
  });

  it('reports how to import the data if the server cannot be reached', async () => {
    await expect(download({ url: 'http://127.0.0.1:1/set.tar.gz' })).rejects.toThrow(
      /Cannot reach .* Import it\./,
    );
  });

  it('stops if it is aborted, keeps the received bytes, and resumes later', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'Content-Length': payload.length });
      response.write(payload.subarray(0, 50_000));
    };
    const stop = new AbortController();
    const reason = new Error('closed');
    const aborted = download(
      {},
      { signal: stop.signal, onProgress: ({ done }) => done === 50_000 && stop.abort(reason) },
    );
    await expect(aborted).rejects.toBe(reason);
    answer = serveRange(payload);
    await download();
    expect(ranges).toEqual([undefined, 'bytes=50000-']);
  });

  it('fails if the server does not respond in time', async () => {
    answer = () => undefined;
    const phases: string[] = [];
    const limits = { answer: 50, silence: 60_000 };
    const waited = download({}, { limits, onProgress: ({ phase }) => phases.push(phase) });
    await expect(waited).rejects.toThrow(
      /Cannot reach .*, because the server did not answer for 0\.05 s\. Check the connection\..*Import it\./,
    );
    expect(phases).toEqual(['connecting']);
  });

  it('fails if the server stops sending, keeps the received bytes, and resumes later', async () => {
    answer = (_request, response) => {
      response.writeHead(200, { 'Content-Length': payload.length });
      response.write(payload.subarray(0, 50_000));
    };
    await expect(download({}, { limits: { answer: 60_000, silence: 500 } })).rejects.toThrow(
      /stopped at \d+ of 300000 bytes, because nothing arrived for 0\.5 s\. Run it again/,
    );
    // On a busy machine, the silence may begin before all 50000 bytes have arrived.
    const { length: received } = await readFile(part());
    expect(received).toBeLessThanOrEqual(50_000);
    answer = serveRange(payload);
    expect((await readFile(await download())).equals(payload)).toBe(true);
    expect(ranges).toEqual([undefined, received > 0 ? `bytes=${received}-` : undefined]);
  });

  it('fails before any request if the disk is too full', async () => {
    await expect(download({ bytes: 2 ** 52 })).rejects.toThrow(
      /bytes free, expected at least 4503599627370496/,
    );
    expect(ranges).toEqual([]);
  });

  it.skipIf(process.getuid?.() === 0)(
    'names a folder that is not writable (skipped for the administrator)',
    async () => {
      await chmod(folder, 0o500);
      await expect(download()).rejects.toThrow('Cannot write');
      await chmod(folder, 0o700);
    },
  );

  it('names a path that cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(downloadArchive(archive(), { folder: join(folder, 'file') })).rejects.toThrow(
      'Cannot write',
    );
    await mkdir(part());
    await expect(download()).rejects.toThrow('Cannot write');
  });
});

describe('CIFAR-10 without a path', () => {
  it('is downloaded into the cache folder once and then read from there', async () => {
    const bytes = await createArchive([
      { name: 'cifar-10-batches-bin/test_batch.bin', bytes: createBinaryBatch(4) },
    ]);
    answer = serveRange(bytes);
    const md5 = createHash('md5').update(bytes).digest('hex');
    const cifarArchive = archive({ bytes: bytes.length, md5 });
    const options = { split: 'test', imageSize: 32, cacheFolder: folder, cifarArchive } as const;
    const first = await openDataset('cifar10', options);
    const second = await openDataset('cifar10', options);
    expect(first.info).toMatchObject({ source: 'cifar10', count: 4 });
    expect(second.info).toEqual(first.info);
    expect(await readdir(join(folder, 'datasets'))).toEqual(['set.tar.gz']);
    expect(ranges.length).toBe(1);
  });
});

const archiveFile = () => join(folder, 'set.tar.gz');
const partOf = (pid: number) => `${archiveFile()}.${pid}.part`;

/** Returns the ID of a process that has exited. */
function startDeadProcess(): number {
  return spawnSync(process.execPath, ['--eval', '']).pid;
}

/** Returns the ID of a process that lives as long as the test. */
function startLiveProcess(): number {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child.pid ?? 0;
}

describe('the partial file of a download', () => {
  it('belongs to this process, and that of another process is left alone', async () => {
    const other = partOf(startLiveProcess());
    writeFileSync(other, 'theirs');
    expect(await claimPart(archiveFile())).toBe(partOf(process.pid));
    expect(readdirSync(folder)).toEqual([other.slice(folder.length + 1)]);
  });

  it('is the longest one of all dead processes, and the others are removed', async () => {
    writeFileSync(partOf(startDeadProcess()), 'long beginning');
    writeFileSync(partOf(startDeadProcess()), 'short');
    writeFileSync(`${archiveFile()}.part`, 'of an earlier version');
    const part = await claimPart(archiveFile());
    expect(readFileSync(part, 'utf8')).toBe('of an earlier version');
    expect(readdirSync(folder)).toEqual([part.slice(folder.length + 1)]);
  });

  it('is that of this process if it exists', async () => {
    writeFileSync(partOf(process.pid), 'mine');
    writeFileSync(partOf(startDeadProcess()), 'longer than mine');
    expect(readFileSync(await claimPart(archiveFile()), 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('is claimed by only one of several processes at the same time', async () => {
    writeFileSync(partOf(startDeadProcess()), 'beginning');
    const parts = await Promise.all([1, 2, 3].map((pid) => claimPart(archiveFile(), pid)));
    expect(parts.filter((part) => existsSync(part))).toHaveLength(1);
  });

  it('is removed unless another process writes it, and files with other names are kept', async () => {
    const other = partOf(startLiveProcess());
    for (const path of [
      other,
      partOf(process.pid),
      partOf(startDeadProcess()),
      `${archiveFile()}.part`,
      `${archiveFile()}.x.part`,
    ])
      writeFileSync(path, '');
    await removeParts(archiveFile());
    expect(readdirSync(folder).sort()).toEqual(
      [other, `${archiveFile()}.x.part`].map((path) => path.slice(folder.length + 1)).sort(),
    );
  });
});
