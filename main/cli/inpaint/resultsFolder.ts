/** A folder of inpainting results: the numbers of every result in it, and the tables generated from them. */

import { describeSymmetries, titleOfSolver } from '../../../shared/config/samplerConfig.ts';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { z } from 'zod';
import {
  type DrawnMask,
  isPosteriorMean,
  type Provenance,
  provenanceSchema,
  settingsOf,
} from '../../../shared/inpainting.ts';
import { describeLaw, usesKeepRatio } from '../../../shared/masks/laws.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import { inpaintingCsv, inpaintingMarkdown } from '../../../shared/inpaintingTable.ts';
import { writeFileAtomically, makeFolder, prepareOutputFolder } from '../../store/files/atomicFile.ts';
import { findPathKind } from '../../runtime/typedPath.ts';
import {
  readOrigin,
  type ResultNumbers,
  resultNumbersSchema,
  upgradeNumbers,
  type WrittenOrigin,
} from './resultFiles.ts';
import { stringifyJson } from '../../../shared/numbers/nonFinite.ts';

/** One result in a folder, with its numbers. */
export interface InpaintRecord extends ResultNumbers {
  /** Name of the file in the folder. */
  readonly result: string;
  /** Names of its files in the folder, the result first. */
  readonly files: readonly string[];
  readonly provenance: Provenance;
}

export interface ResultsFolder {
  /** Returns the result in the file of this name; null if there is none or its numbers are lost. */
  of(file: string): InpaintRecord | null;
  /** Returns a result of this image with these settings, under any file name; null if there is none. */
  find(name: string, origin: Provenance): InpaintRecord | null;
  /** Writes the tables of all results now in the folder. Returns their paths. */
  write(): string[];
}

/** The format of `results.json`. Earlier versions stored the numbers only there; its keys are never renamed. */
const earlierSchema = z.object({
  pictures: z.array(
    z.object({ ...resultNumbersSchema.shape, files: z.array(z.string()), provenance: provenanceSchema }),
  ),
});
type EarlierRecord = z.infer<typeof earlierSchema>['pictures'][number];

const jsonName = 'results.json';
const tableStarts = { 'results.md': '# Inpainted by ', 'results.csv': 'picture,width,height,known,' };
const order = new Intl.Collator('en', { numeric: true });

/**
 * The folder need not exist yet. The numbers of a result are part of its own file, so they survive when it is moved or
 * renamed.
 * @throws Error when a file has the name of a table and was not written by this program.
 */
export function openResults(folder: string): ResultsFolder {
  assertOwnTables(folder);
  if (findPathKind(folder) === 'folder') prepareOutputFolder(folder);
  const earlier = readEarlier(folder);
  const cache = new Map<string, WrittenOrigin | null>();
  const scan = () => scanFolder(folder, { earlier, cache });
  return {
    of: (file) => scan().records.find(({ result }) => result === file) ?? null,
    find: (name, origin) =>
      scan().records.find((record) => record.name === name && isSameOrigin(record.provenance, origin)) ??
      null,
    write: () => writeUntilCurrent(folder, scan),
  };
}

/** Returns whether two results have the same provenance. */
export function isSameOrigin(one: Provenance, other: Provenance): boolean {
  return canonical(one) === canonical(other);
}

/** Parsing puts the keys into the order of the schema. */
function canonical(provenance: Provenance): string {
  return JSON.stringify(provenanceSchema.parse(provenance));
}

interface Scan {
  /** Fingerprint of the files; equal if nothing has changed. */
  readonly state: string;
  readonly records: readonly InpaintRecord[];
  /** Results whose numbers are lost. */
  readonly others: readonly string[];
}

function scanFolder(
  folder: string,
  { earlier, cache }: { earlier: readonly EarlierRecord[]; cache: Map<string, WrittenOrigin | null> },
): Scan {
  const files = listImages(folder);
  const origins = new Map(
    files.map(({ name, state }) => {
      const key = `${name}/${state}`;
      const origin = cache.has(key) ? cache.get(key) : readOrigin(join(folder, name));
      cache.set(key, origin ?? null);
      return [name, origin ?? null];
    }),
  );
  const records: InpaintRecord[] = [];
  const others: string[] = [];
  for (const [name, origin] of origins) {
    if (origin === null || !isResult(name, origin, origins)) continue;
    const { provenance, output } = origin;
    const numbers = output?.numbers ?? findEarlier(name, provenance, earlier);
    if (!numbers) others.push(name);
    else records.push({ ...numbers, result: name, files: filesOf(name, origins), provenance });
  }
  records.sort(
    (one, other) => order.compare(one.name, other.name) || order.compare(one.result, other.result),
  );
  return { state: JSON.stringify(files), records, others };
}

function listImages(folder: string): { name: string; state: string }[] {
  if (findPathKind(folder) !== 'folder') return [];
  const names = readdirSync(folder).filter((name) => !name.startsWith('.') && /\.png$/i.test(name));
  return names.sort().flatMap((name) => {
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    return found?.isFile() ? [{ name, state: `${found.ino}-${found.size}-${found.mtimeMs}` }] : [];
  });
}

const partPattern = /-(?:sample-\d+|deviation|strip)\.png$/;

/** Returns false for samples, maps and strips. Older versions did not record the part in the file. */
function isResult(
  name: string,
  { provenance, output }: WrittenOrigin,
  origins: ReadonlyMap<string, WrittenOrigin | null>,
): boolean {
  if (output) return output.part === 'result';
  const main = partPattern.test(name) ? origins.get(name.replace(partPattern, '.png')) : null;
  return !main || !isSameOrigin(main.provenance, provenance);
}

function findEarlier(
  name: string,
  provenance: Provenance,
  earlier: readonly EarlierRecord[],
): EarlierRecord | undefined {
  const same = earlier.filter((record) => isSameOrigin(record.provenance, provenance));
  return same.find(({ files }) => files[0] === name) ?? same[0];
}

function filesOf(result: string, origins: ReadonlyMap<string, WrittenOrigin | null>): string[] {
  const stem = result.replace(/\.png$/i, '');
  const isPart = (name: string) =>
    name.startsWith(stem) && /^-(?:sample-\d+|deviation|strip)\.png$/.test(name.slice(stem.length));
  return [result, ...[...origins.keys()].filter(isPart).sort(order.compare)];
}

/**
 * Other processes may write results and tables to the folder at the same time. The tables depend only on the results in
 * it, and every writer scans again after writing, so in the end they hold every result.
 */
function writeUntilCurrent(folder: string, scan: () => Scan): string[] {
  let seen = scan();
  if (seen.records.length === 0 && !tableNames.some((name) => findPathKind(join(folder, name)))) return [];
  for (let attempts = 0; attempts < 20; attempts++) {
    writeTables(folder, seen);
    const now = scan();
    if (now.state === seen.state) break;
    seen = now;
  }
  return tableNames.map((name) => join(folder, name));
}

const tableNames = ['results.md', 'results.csv', jsonName];

function writeTables(folder: string, { records, others }: Scan): void {
  const texts = [describeAll(records, others), describeCsv(records), describeJson(records)];
  makeFolder(folder);
  for (const [index, name] of tableNames.entries()) {
    writeFileAtomically({ folder, name, bytes: Buffer.from(texts[index]) });
  }
}

/** Writes one table per combination of settings, because means over several combinations are meaningless. */
function describeAll(records: readonly InpaintRecord[], others: readonly string[]): string {
  const groups = Map.groupBy(records, (record) => describeSettings(record).join('\n'));
  const sections = [...groups.values()].map((group) => {
    const [{ provenance }] = group;
    const lost = `The numbers of ${formatPlural(others.length, 'result')} are lost: ${others.join(', ')}.`;
    const notes = [...describeSettings(group[0]), ...(others.length > 0 ? [lost] : [])];
    return inpaintingMarkdown(group.map(nameRow), { title: `Inpainted by ${provenance.runName}`, notes });
  });
  return sections.length > 0 ? sections.join('\n') : '# Inpainted by nothing yet\n';
}

/** Adds the file name of the result if it does not follow from the name of the image. */
function nameRow(record: InpaintRecord): InpaintRecord {
  const { name, result } = record;
  const isPlain = [`${name}.png`, `${name.slice(0, name.length - extname(name).length)}.png`].includes(
    result,
  );
  return isPlain ? record : { ...record, name: `${name} (${result})` };
}

/** Two lines: `Known by uniform, 20 %, mask seed 42. heun, 10 steps; 1 sample, seed 0.`, and the run. */
function describeSettings({ mask, provenance }: InpaintRecord): string[] {
  const { solver, steps, samples, symmetries, seed, fit, scale, bounded, runId, checkpointStep } = provenance;
  const averaged = describeSymmetries(symmetries ?? 1);
  const sampling = isPosteriorMean(provenance)
    ? `Posterior mean${averaged === null ? '' : `, ${averaged}`}`
    : `${titleOfSolver(solver)}, ${formatPlural(steps, 'step')}; ${formatPlural(samples, 'sample')}${bounded ? ', bounded colours' : ''}`;
  const isClassical = provenance.method !== undefined;
  const settings = [
    provenance.mask.kind === 'painted'
      ? `Known by ${mask ?? 'a mask of its own'}.`
      : describeDrawn(provenance.mask),
    ...(isClassical ? [] : [`${sampling}, seed ${seed}.`]),
    ...(fit === 'fit' ? ["The centre square, shrunk to the run's size."] : []),
    ...(scale === 1 ? [] : [`Enlarged ${scale} times.`]),
  ];
  const origin = isClassical
    ? 'A classical method, without a run.'
    : `Run ${runId}, checkpoint of step ${checkpointStep}.`;
  return [settings.join(' '), origin];
}

function describeDrawn(drawn: DrawnMask): string {
  const law = settingsOf(drawn);
  const fraction = usesKeepRatio(law) ? `, ${Number((100 * drawn.keepRatio).toPrecision(6))} %` : '';
  return `Known by ${describeLaw(law)}${fraction}, mask seed ${drawn.seed}.`;
}

function describeCsv(records: readonly InpaintRecord[]): string {
  const maskOf = ({ mask, provenance }: InpaintRecord) => {
    if (provenance.mask.kind === 'painted') return mask ?? 'painted';
    const law = settingsOf(provenance.mask);
    return describeLaw(law, law.law);
  };
  const drawn = ({ provenance: { mask } }: InpaintRecord, key: 'keepRatio' | 'seed') =>
    mask.kind === 'drawn' && (key === 'seed' || usesKeepRatio(settingsOf(mask))) ? String(mask[key]) : '';
  return inpaintingCsv(records, [
    ['result', ({ result }) => result],
    ['run', ({ provenance }) => provenance.runId ?? ''],
    ['step', ({ provenance }) => String(provenance.checkpointStep ?? '')],
    ['mask', maskOf],
    ['keep', (record) => drawn(record, 'keepRatio')],
    ['mask_seed', (record) => drawn(record, 'seed')],
    ...(['solver', 'steps', 'samples', 'seed'] as const).map(
      (key) =>
        [key, ({ provenance }: InpaintRecord) => (provenance.method ? '' : String(provenance[key]))] as const,
    ),
    ...(['fit', 'scale'] as const).map(
      (key) => [key, ({ provenance }: InpaintRecord) => String(provenance[key])] as const,
    ),
    ['method', ({ provenance }) => provenance.method ?? ''],
    [
      'symmetries',
      ({ provenance }) => (isPosteriorMean(provenance) ? String(provenance.symmetries ?? 1) : ''),
    ],
  ]);
}

function describeJson(records: readonly InpaintRecord[]): string {
  return `${stringifyJson({ pictures: records }, 2)}\n`;
}

function readEarlier(folder: string): EarlierRecord[] {
  try {
    const { pictures } = earlierSchema.parse(JSON.parse(readFileSync(join(folder, jsonName), 'utf8')));
    return pictures.map(upgradeNumbers);
  } catch {
    return [];
  }
}

function assertOwnTables(folder: string): void {
  const foreign = tableNames.find((name) => {
    const path = join(folder, name);
    return findPathKind(path) !== null && !isOwnTable(path, name);
  });
  if (foreign === undefined) return;
  throw new Error(
    `${join(folder, foreign)} already exists and is not a table of lab inpaint, so it was not overwritten. Choose another --out folder.`,
  );
}

function isOwnTable(path: string, name: string): boolean {
  try {
    const text = readFileSync(path, 'utf8');
    if (name === jsonName)
      return z.object({ pictures: z.array(z.unknown()) }).safeParse(JSON.parse(text)).success;
    return text.startsWith(tableStarts[name as keyof typeof tableStarts]);
  } catch {
    return false;
  }
}
