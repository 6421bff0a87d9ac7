/** A real Slurm for tests: installed from the packages of the system, started in a folder of its own, and ended afterwards. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export type SlurmFinding =
  { readonly isPresent: true } | { readonly isPresent: false; readonly reason: string };

declare module 'vitest' {
  export interface ProvidedContext {
    slurm: SlurmFinding;
  }
}

/** Milliseconds. */
const installLimit = 5 * 60_000;
const programs = ['/usr/sbin/slurmctld', '/usr/sbin/slurmd', '/usr/sbin/munged', '/usr/bin/sbatch'];
const packages = ['slurmctld', 'slurmd', 'slurm-client', 'munge'];

/**
 * Returns whether tests may start a Slurm here, or why not. SPARSE_FIELD_LAB_SLURM=none skips these tests. Where root may use
 * apt-get, what is missing is installed.
 */
export function provideSlurm(print: (line: string) => void): SlurmFinding {
  const absent = (reason: string): SlurmFinding => ({ isPresent: false, reason });
  if (process.env.SPARSE_FIELD_LAB_SLURM === 'none') return absent('SPARSE_FIELD_LAB_SLURM is none');
  if (process.platform !== 'linux') return absent(`Slurm runs on Linux, and this is ${process.platform}`);
  if (process.getuid?.() !== 0) return absent('its daemons are started by root');
  if (isInstalled()) return { isPresent: true };
  if (!existsSync('/usr/bin/apt-get')) return absent('there is no apt-get to install it with');
  print('Slurm: installing it with apt-get for the tests of clusters …');
  const commands = [
    ['update', '-q'],
    ['install', '-q', '-y', '--no-install-recommends', ...packages],
  ];
  for (const args of commands) {
    const result = spawnSync('apt-get', args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      timeout: installLimit,
      encoding: 'utf8',
    });
    if (result.status !== 0)
      return absent(result.stderr?.trim().split('\n').at(-1) ?? `apt-get failed: ${String(result.error)}`);
  }
  return isInstalled()
    ? { isPresent: true }
    : absent(`${packages.join(', ')} did not bring ${programs.join(', ')}`);
}

function isInstalled(): boolean {
  return programs.every((path) => existsSync(path));
}

export interface Slurm {
  /** Names the configuration; Slurm's commands need it, and those that call them. */
  readonly environment: Readonly<Record<'SLURM_CONF', string>>;
  /** Runs one of Slurm's commands and returns what it printed. @throws Error when it fails. */
  run(program: string, ...args: readonly string[]): string;
  /** Process that schedules, and the one that starts jobs on the node. */
  readonly daemons: { controller: ChildProcess; node: ChildProcess };
  startController(): Promise<void>;
  startNode(): Promise<void>;
  /** Lets the node take jobs again if Slurm has given up on it, as an operator does: a busy machine may answer too late. */
  reviveNode(): void;
  /** What Slurm says of the node, and the ends of its logs. */
  describe(): string;
  /** Ends jobs and daemons and removes the folder. */
  stop(): Promise<void>;
}

/** Starts a cluster of one node with two processors, which knows nothing of another Slurm on this machine. */
export async function startSlurm(): Promise<Slurm> {
  const folder = mkdtempSync(join(tmpdir(), 'slurm-'));
  const configuration = join(folder, 'slurm.conf');
  const environment = { SLURM_CONF: configuration };
  const socket = join(folder, 'munge.socket');
  const keyFile = join(folder, 'munge.key');
  writeFileSync(keyFile, randomBytes(128), { mode: 0o600 });
  const file = (name: string) => join(folder, name);
  const children: ChildProcess[] = [];
  const start = (program: string, args: readonly string[]): ChildProcess => {
    // Each leads a process group, so that a signal of the terminal does not reach it, and ends with this process in any case.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], {
      env: { ...process.env, ...environment },
      stdio: 'ignore',
      detached: true,
    });
    children.push(child);
    return child;
  };
  const run = (program: string, ...args: readonly string[]): string => {
    const result = spawnSync(program, args, { env: { ...process.env, ...environment }, encoding: 'utf8' });
    if (result.status === 0) return result.stdout.trim();
    throw new Error(`${program} ${args.join(' ')}: ${result.stderr?.trim() ?? String(result.error)}`);
  };
  writeFileSync(configuration, configure(folder, { socket, ports: await findFreePorts(2) }));
  const munge = [`--socket=${socket}`, `--key-file=${keyFile}`, `--pid-file=${file('munge.pid')}`];
  start('/usr/sbin/munged', [
    '--foreground',
    '--force',
    ...munge,
    `--log-file=${file('munge.log')}`,
    `--seed-file=${file('munge.seed')}`,
  ]);
  await waitUntil('munged has its socket', () => existsSync(socket), folder);
  const isUp = () => /\b(?:idle|mixed|allocated|completing)\b/.test(run('sinfo', '-h', '-o', '%T'));
  const startController = async () => {
    slurm.daemons.controller = start('/usr/sbin/slurmctld', ['-D']);
    await waitUntil('the controller answers', () => run('scontrol', 'ping').includes('UP'), folder);
  };
  const startNode = async () => {
    slurm.daemons.node = start('/usr/sbin/slurmd', ['-D']);
    await waitUntil('the node is idle', isUp, folder);
  };
  const slurm: Slurm = {
    environment,
    run,
    daemons: { controller: start('/usr/sbin/slurmctld', ['-D']), node: start('/usr/sbin/slurmd', ['-D']) },
    startController,
    startNode,
    reviveNode() {
      if (!/drain|down/.test(run('sinfo', '-h', '-o', '%T'))) return;
      run('scontrol', 'update', `NodeName=${shortHostName()}`, 'State=RESUME');
    },
    describe: () => [run('scontrol', 'show', 'node'), run('squeue'), ...readLogs(folder)].join('\n'),
    async stop() {
      spawnSync('scancel', ['--state=RUNNING', '--signal=KILL', '--full', '--user=root'], {
        env: { ...process.env, ...environment },
        timeout: 10_000,
      });
      await endAll(children, folder);
    },
  };
  try {
    await waitUntil('the node is idle', isUp, folder);
  } catch (error) {
    await endAll(children, folder);
    throw error;
  }
  return slurm;
}

function configure(folder: string, { socket, ports }: { socket: string; ports: readonly number[] }): string {
  const host = shortHostName();
  return `${[
    'ClusterName=test',
    `SlurmctldHost=${host}(127.0.0.1)`,
    `SlurmctldPort=${ports[0]}`,
    `SlurmdPort=${ports[1]}`,
    'AuthType=auth/munge',
    // A requeued job waits until its former credential has expired: 120 s by default.
    `AuthInfo=socket=${socket},cred_expire=5`,
    'CredType=cred/munge',
    'SlurmUser=root',
    'SlurmdUser=root',
    'ProctrackType=proctrack/linuxproc',
    'TaskPlugin=task/none',
    'SelectType=select/cons_tres',
    'SelectTypeParameters=CR_Core',
    'AccountingStorageType=accounting_storage/none',
    'JobAcctGatherType=jobacct_gather/none',
    'SchedulerParameters=sched_min_interval=100000,batch_sched_delay=0,sched_interval=2',
    'SlurmctldParameters=preempt_send_user_signal',
    'ReturnToService=2',
    'KillWait=3',
    'SlurmctldTimeout=5',
    // A node of a busy machine may answer late, and its tasks may take long to end.
    'SlurmdTimeout=300',
    'UnkillableStepTimeout=900',
    'InactiveLimit=0',
    'MailProg=/bin/true',
    'MaxArraySize=1001',
    `StateSaveLocation=${join(folder, 'state')}`,
    `SlurmdSpoolDir=${join(folder, 'spool')}`,
    `SlurmctldLogFile=${join(folder, 'controller.log')}`,
    `SlurmdLogFile=${join(folder, 'node.log')}`,
    `SlurmctldPidFile=${join(folder, 'controller.pid')}`,
    `SlurmdPidFile=${join(folder, 'node.pid')}`,
    `NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN`,
    `PartitionName=tests Nodes=${host} Default=YES MaxTime=INFINITE State=UP`,
  ].join('\n')}\n`;
}

/** Returns ports that were free a moment ago. */
async function findFreePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    ports.push((server.address() as AddressInfo).port);
  }
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** Waits for a daemon; a machine that is busy with other work may take long. */
async function waitUntil(what: string, isTrue: () => boolean, folder: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    try {
      if (isTrue()) return;
    } catch {
      // It does not answer yet.
    }
    await pause(200);
  }
  throw new Error(`Waited in vain until ${what}.\n${readLogs(folder).join('\n')}`);
}

function readLogs(folder: string): string[] {
  return ['controller.log', 'node.log', 'munge.log'].map((name) => {
    const path = join(folder, name);
    return `${name}: ${existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(-12).join('\n') : 'absent'}`;
  });
}

function shortHostName(): string {
  return hostname().split('.')[0];
}

async function endAll(children: readonly ChildProcess[], folder: string): Promise<void> {
  const ends = children.map(
    (child) =>
      new Promise<void>((done) => {
        if (child.exitCode !== null || child.signalCode !== null) return done();
        child.once('exit', () => done());
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      }),
  );
  await Promise.all(ends);
  rmSync(folder, { recursive: true, force: true });
}
