/** Which evaluations are comparable: groups of one protocol, and descriptions of protocols and their differences. */

import { describeSource } from '../dataset.ts';
import { defaultPhase, describeLaw, describeMixture, plainTitle } from '../masks/laws.ts';
import { formatPlural } from '../text/format.ts';
import { maskOfProtocol, observedFraction, type Protocol } from '../metric.ts';
import type { ComparedEvaluation, ComparedRun } from './comparison.ts';

/** The evaluations of one protocol, of any runs. */
export interface ProtocolGroup {
  /** Equal for protocols whose numbers compare, and only for these. */
  readonly key: string;
  /** Of the newest evaluation. */
  readonly protocol: Protocol;
  /** In the order of the runs, those without an evaluation left out; evaluations newest first. */
  readonly members: readonly {
    readonly runId: string;
    readonly evaluations: readonly ComparedEvaluation[];
  }[];
  /** Whether every run was evaluated by it. */
  readonly isShared: boolean;
  /** How it differs from the other groups, e.g. `images 100, mask seed 7`; empty if it is the only one. */
  readonly difference: string;
}

/** Protocols of most runs first; among these the one with the newest evaluation. */
export function commonProtocols(runs: readonly ComparedRun[]): ProtocolGroup[] {
  const keys = [
    ...new Set(runs.flatMap(({ evaluations }) => evaluations.map(({ protocol }) => protocolKey(protocol)))),
  ];
  const groups = keys.map((key) => ({ key, members: membersOf(runs, key) }));
  const described = groups.map(({ key, members }) => ({
    key,
    members,
    protocol: newestOf(members).protocol,
    newest: newestOf(members).id,
  }));
  const protocols = described.map(({ protocol }) => protocol);
  return described
    .sort((one, other) => other.members.length - one.members.length || other.newest - one.newest)
    .map(({ key, members, protocol }) => ({
      key,
      protocol,
      members,
      isShared: members.length === runs.length,
      difference: describeDifference(protocol, protocols),
    }));
}

/** Returns a key that is equal for comparable protocols. A dataset is identified by its checksum, not by its source. */
export function protocolKey({ source: _, ...protocol }: Protocol): string {
  return JSON.stringify(Object.entries(protocol).sort(([one], [other]) => compareText(one, other)));
}

/** Describes how a protocol differs from others, e.g. `100 images, mask seed 42`; empty if it does not. */
export function describeDifference(protocol: Protocol, others: readonly Protocol[]): string {
  // Options of a mask law are keys that only some protocols have.
  const named = [protocol, ...others].flatMap((each) => Object.keys(each) as (keyof Protocol)[]);
  const keys = [...new Set(named)].filter(
    (key) => key !== 'source' && others.some((other) => String(other[key]) !== String(protocol[key])),
  );
  // A fraction follows from the number of pixels, and says more.
  const told = keys.filter((key) => key !== 'observedPixels' || !keys.includes('keepRatio'));
  return told.map((key) => describePart(key, protocol, others)).join(', ');
}

/** What parts of a protocol are called whose values need no other words. */
const protocolNames: Readonly<Partial<Record<keyof Protocol, string>>> = {
  maskMarkSize: 'size of strokes or letters',
  maskSeed: 'mask seed',
  noiseSeed: 'noise seed',
  metricVersion: 'metric version',
  psnrMean: 'PSNR',
  ssimWindow: 'SSIM window',
  ssimGaussianWindow: 'window of the Gaussian SSIM',
  range: 'values in',
};

type Describe = (protocol: Protocol, others: readonly Protocol[]) => string;

/** Parts of a protocol in words that are not their name and value. */
const partsInWords: Readonly<Partial<Record<keyof Protocol, Describe>>> = {
  datasetChecksum: describeData,
  images: ({ images }) => formatPlural(images, 'image'),
  split: ({ split }) => `${split} split`,
  imageSize: ({ imageSize }) => `${imageSize}×${imageSize} pixels`,
  maskLaw: (protocol, others) => `masks: ${nameMasks(protocol, others)}`,
  maskMixture: ({ maskMixture }) =>
    maskMixture === undefined ? 'no mixture' : `mixture of ${describeMixture(maskMixture)}`,
  maskBlocks: ({ maskBlocks = 1 }) => formatPlural(maskBlocks, 'block'),
  keepRatio: ({ keepRatio }) => `${Number((100 * keepRatio).toPrecision(3))} % observed`,
  observedPixels: ({ observedPixels }) => `${observedPixels} pixels observed`,
  observationNoise: ({ observationNoise = 0 }) =>
    observationNoise > 0 ? `noise ${observationNoise} on observed values` : 'no noise',
  pasted: ({ pasted }) => `observed pixels ${pasted ? '' : 'not '}pasted`,
  maskPhase: ({ maskLaw, maskPhase = defaultPhase }) =>
    maskLaw === 'bayer' ? `Bayer pattern ${maskPhase}` : 'no Bayer pattern',
};

function describePart(key: keyof Protocol, protocol: Protocol, others: readonly Protocol[]): string {
  const words = partsInWords[key]?.(protocol, others);
  return words ?? `${protocolNames[key] ?? key} ${String(protocol[key] ?? absentParts[key] ?? 'unknown')}`;
}

/** Returns the title of a law; its name too where another law has the same title, as the generators of random pixels have. */
function nameMasks({ maskLaw }: Protocol, others: readonly Protocol[]): string {
  const title = plainTitle(maskLaw);
  const isAmbiguous = others.some(
    (other) => other.maskLaw !== maskLaw && plainTitle(other.maskLaw) === title,
  );
  return isAmbiguous ? `${title} (${maskLaw})` : title;
}

/** Returns the name of the data; the start of its checksum only where other data have the same name. */
function describeData({ source, datasetChecksum }: Protocol, others: readonly Protocol[]): string {
  const name = describeSource(source);
  const isAmbiguous = others.some(
    (other) => other.datasetChecksum !== datasetChecksum && describeSource(other.source) === name,
  );
  return isAmbiguous ? `${name}, checksum ${datasetChecksum.slice(0, 12)}` : name;
}

/** What parts mean that a protocol lacks. */
const absentParts: Readonly<Partial<Record<keyof Protocol, string>>> = {
  maskMarkSize: 'varied',
};

function membersOf(runs: readonly ComparedRun[], key: string): ProtocolGroup['members'] {
  return runs.flatMap(({ summary, evaluations }) => {
    const own = evaluations.filter(({ protocol }) => protocolKey(protocol) === key);
    return own.length > 0 ? [{ runId: summary.id, evaluations: own }] : [];
  });
}

function newestOf(members: ProtocolGroup['members']): ComparedEvaluation {
  const all = members.flatMap(({ evaluations }) => evaluations);
  // By sequence: the clock may have been set back in between.
  return all.reduce((newest, each) => (each.id > newest.id ? each : newest));
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function describePasting({ pasted, observationNoise = 0 }: Protocol): string {
  if (observationNoise > 0)
    return `Observed values have Gaussian noise of standard deviation ${observationNoise}; results are compared with the images without noise, and nothing is pasted.`;
  return pasted
    ? 'Observed pixels are pasted into every result.'
    : 'Results stand as the methods gave them: observed pixels are not pasted.';
}

function describeMasks(protocol: Protocol): string {
  const { imageSize, observedPixels, maskSeed } = protocol;
  const pixels = imageSize * imageSize;
  const law = describeLaw(maskOfProtocol(protocol));
  if (protocol.maskLaw === 'bayer')
    return `one of the three channels of each of ${pixels} pixels observed; masks: ${law}; the other channels count as unobserved.`;
  const fraction = `${Number((observedFraction(protocol) * 100).toFixed(2))} %`;
  const average = protocol.maskLaw === 'mixture' ? 'on average ' : '';
  return `${average}${observedPixels} of ${pixels} pixels observed (${fraction}); masks: ${law}, seed ${maskSeed}.`;
}

/**
 * The checksum is cut to 12 characters, and the source's path to its last name: where a folder lies is nobody else's
 * business. Everything else of the protocol is there in full.
 */
export function describeProtocol(protocol: Protocol): string {
  const { images, split, source, imageSize, range } = protocol;
  return [
    `${images} images of the ${split} split of ${describeSource(source)}, ${imageSize}×${imageSize} pixels,`,
    `data checksum ${protocol.datasetChecksum.slice(0, 12)};`,
    describeMasks(protocol),
    describePasting(protocol),
    `Values clamped to [${range[0]}, ${range[1]}]; PSNR ${protocol.psnrMean};`,
    `windows of the two SSIM columns: ${protocol.ssimWindow}; ${protocol.ssimGaussianWindow};`,
    `metric version ${protocol.metricVersion}. Seconds are wall time for all images, with whatever else the machine computed: compare evaluations (NFE) rather than seconds.`,
  ].join(' ');
}
