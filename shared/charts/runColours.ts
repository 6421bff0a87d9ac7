/** Colours that belong to runs: a run looks the same in every chart, and no two runs of one chart look alike. */

export interface RunStyle {
  readonly light: string;
  readonly dark: string;
  /** Lengths of dash and gap in pixels; empty: solid. */
  readonly dash: readonly number[];
}

/** After Okabe and Ito: distinguishable with any kind of colour blindness; 3:1 against the ground of each theme. */
export const runPalette: readonly Pick<RunStyle, 'light' | 'dark'>[] = [
  { light: '#0067a5', dark: '#6bb3f0' },
  { light: '#c65100', dark: '#ff9a57' },
  { light: '#00805d', dark: '#4fd0a5' },
  { light: '#a8327d', dark: '#ee93c7' },
  { light: '#8a6a00', dark: '#e3c64d' },
  { light: '#2f8fb8', dark: '#9fdcf7' },
  { light: '#4d5761', dark: '#c3cdd6' },
  { light: '#6a4fc4', dark: '#b9a3ff' },
];

const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

/**
 * The look of each run of one chart. The first, which is viewed, is solid; each other has its own look, or the next
 * colour that is free where that is taken: bars have no dashes to distinguish them.
 */
export function assignRunStyles(ids: readonly string[]): ReadonlyMap<string, RunStyle> {
  const taken = new Set<number>();
  return new Map(
    [...new Set(ids)].map((id, index) => {
      const look = index === 0 ? hashText(id) % runPalette.length : firstFree(hashText(id), taken);
      taken.add(look);
      return [id, styleAt(look)];
    }),
  );
}

const looks = runPalette.length * dashes.length;

/** The run's own look, or one of the next colours that is free; with more runs than colours, another dash pattern. */
function firstFree(hash: number, taken: ReadonlySet<number>): number {
  const candidates = Array.from({ length: looks }, (_, turn) => (hash + turn) % looks);
  const colours = new Set([...taken].map((look) => look % runPalette.length));
  return (
    candidates.find((look) => !colours.has(look % runPalette.length)) ??
    candidates.find((look) => !taken.has(look)) ??
    hash % looks
  );
}

function styleAt(index: number): RunStyle {
  const colour = runPalette[index % runPalette.length];
  return { ...colour, dash: dashes[Math.floor(index / runPalette.length)] };
}

/** FNV-1a, 32 bits; its low bits, which choose the colour, are mixed with the high ones as in MurmurHash3. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
