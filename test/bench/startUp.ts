/**
 * Measures the processor time of short commands, and of the server until it has printed its link, next to that of Node alone.
 * All take turns, because other work on the machine also slows down processor time; the least disturbed of them is the minimum.
 *
 *   node test/bench/startUp.ts [rounds]
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { formatColumns } from '../../main/cli/format.ts';
import { insertRun } from '../../main/store/runs/runLifecycle.ts';
import { openStore } from '../../main/store/store.ts';
import { runConfigSchema } from '../../shared/config/config.ts';
import { median } from './rounds.ts';

const rounds = Number(process.argv[2] ?? 7);
const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'start-up-'));
/** Writes the milliseconds of processor time of a process to its fourth stream when it ends. */
const reporter = `data:text/javascript,import { writeSync } from 'node:fs';
process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeSync(3, String((user + system) / 1000));
});`;

try {
  const id = createRun();
  const programs: Readonly<Record<string, () => Promise<number>>> = {
    'Node alone': () => measureProgram(['--eval', '0']),
    'lab --help': () => measureLab('--help'),
    'lab --version': () => measureLab('--version'),
    'lab runs': () => measureLab('runs'),
    'lab show': () => measureLab('show', id),
    'lab app, until its link': measureServer,
  };
  const times = new Map<string, number[]>(Object.keys(programs).map((name) => [name, []]));
  // The first round fills the cache of compiled modules and the record of the database check, and is not counted.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, measure] of Object.entries(programs)) {
      const milliseconds = await measure();
      if (round > 0) times.get(name)?.push(milliseconds);
    }
  }
  const rows = Array.from(times, ([name, values]) => [
    name,
    Math.min(...values).toFixed(0),
    median(values).toFixed(0),
  ]);
  const load = loadavg()[0].toFixed(1);
  process.stdout.write(
    `${formatColumns([['processor time, ms', 'least', 'median'], ...rows])}\n\n${rounds} rounds, load ${load}\n`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function createRun(): string {
  const store = openStore(folder);
  const { id } = insertRun(store, { name: 'short', config: runConfigSchema.parse({}) });
  store.close();
  return id;
}

function measureLab(...args: readonly string[]): Promise<number> {
  return measureProgram(['main/cli/start.mjs', ...args]);
}

/** Returns the milliseconds of processor time of a whole process. */
async function measureProgram(args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, ['--import', reporter, ...args], {
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  let report = '';
  child.stdio[3]?.on('data', (chunk: Buffer) => (report += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}, expected 0.`);
  return Number(report);
}

/** Returns the milliseconds of processor time until the server has printed its link. Linux only: its clock ticks a hundred times a second. */
async function measureServer(): Promise<number> {
  const args = ['main/cli/start.mjs', 'app', '--port', String(await findPort()), '--json'];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: environment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await once(child.stdout, 'data');
  const fields = readFileSync(`/proc/${child.pid ?? 0}/stat`, 'utf8')
    .split(') ')[1]
    .split(' ');
  child.kill('SIGTERM');
  await once(child, 'close');
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** As a user's terminal: without the cache of compiled modules that a caller may have set. */
function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NODE_COMPILE_CACHE: undefined,
    SPARSE_FIELD_LAB_DATA: folder,
    SPARSE_FIELD_LAB_CONFIG: folder,
  };
}
