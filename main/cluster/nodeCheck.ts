/** Checks a compute node before the first step: what the doctor finds there, once per node and sweep. */

import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, statfsSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { DoctorCheck, DoctorReport } from '../../shared/doctor.ts';
import { formatBytes } from '../../shared/text/format.ts';
import { readJson, writeText } from './sweepFolder.ts';

const reportSchema = z.strictObject({
  appVersion: z.string(),
  checks: z.array(
    z.strictObject({ name: z.string(), ok: z.boolean(), found: z.string(), fix: z.string().nullable() }),
  ),
});

export interface NodeCheck {
  /** Sentences; the task must not start with any. */
  readonly problems: readonly string[];
  /** What the user may want to know. */
  readonly notes: readonly string[];
}

/** Free bytes that the first checkpoint of a small run needs. */
const leastSpace = 100e6;
/** Seconds by which a clock may differ before it is mentioned. */
const clockTolerance = 60;

/**
 * Checks the node. What takes time, loading the backend, is done once per node; space and clock every time.
 * `examine`: the doctor.
 */
export async function checkNode(
  folder: string,
  { needsGpu, appVersion }: { needsGpu: boolean; appVersion: string },
  examine: () => Promise<Pick<DoctorReport, 'checks'>>,
): Promise<NodeCheck> {
  const isWasmWanted = process.env.SPARSE_FIELD_LAB_BACKEND === 'wasm';
  const fatal = [
    'Node',
    'Data folder',
    ...(isWasmWanted ? [] : ['Backend']),
    ...(needsGpu ? ['Graphics card'] : []),
  ];
  const checks = await readChecks(folder, { appVersion, fatal }, examine);
  const failed = checks.filter(({ ok }) => !ok);
  const describe = ({ name, found, fix }: (typeof checks)[number]) =>
    `${name} on ${hostname()}: ${found}${fix === null ? '' : `. ${fix}`}.`;
  const { bavail, bsize } = statfsSync(folder);
  const space =
    bavail * bsize < leastSpace
      ? [
          `${folder} has ${formatBytes(bavail * bsize)} free; ${formatBytes(leastSpace)} were expected. Free some space, then use lab sweep retry.`,
        ]
      : [];
  return {
    problems: [...failed.filter(({ name }) => fatal.includes(name)).map(describe), ...space],
    notes: [...failed.filter(({ name }) => !fatal.includes(name)).map(describe), ...compareClocks(folder)],
  };
}

/** Reads what was found on this node before, or examines it. Problems are not kept: they may be solved meanwhile. */
async function readChecks(
  folder: string,
  { appVersion, fatal }: { appVersion: string; fatal: readonly string[] },
  examine: () => Promise<Pick<DoctorReport, 'checks'>>,
): Promise<readonly DoctorCheck[]> {
  const name = `${hostname().replace(/[^\w.-]/g, '-')}.json`;
  const path = join(folder, 'nodes', name);
  if (existsSync(path)) {
    const known = readJson(path, reportSchema, `Delete ${path}: the node is then checked again.`);
    if (known.appVersion === appVersion) return known.checks;
  }
  const { checks } = await examine();
  const isUsable = checks.every((check) => check.ok || !fatal.includes(check.name));
  if (isUsable)
    writeText(join(folder, 'nodes'), name, `${JSON.stringify({ appVersion, checks }, null, 2)}\n`);
  return checks;
}

/** Returns a sentence if the clock of this node differs from that of the shared file system. */
function compareClocks(folder: string): string[] {
  const name = `.clock-${randomBytes(4).toString('hex')}`;
  writeText(join(folder, 'nodes'), name, '\n');
  const path = join(folder, 'nodes', name);
  const seconds = Math.round((Date.now() - statSync(path).mtimeMs) / 1000);
  rmSync(path, { force: true });
  if (Math.abs(seconds) <= clockTolerance) return [];
  return [
    `The clock of ${hostname()} is ${Math.abs(seconds)} s ${seconds > 0 ? 'ahead of' : 'behind'} that of the shared folder: times of its runs are shifted by that, and nothing else.`,
  ];
}
