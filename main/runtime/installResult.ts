/** What an installation of the runtime came to: written beside the packages, read by set-up and by the doctor. */

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the user wanted: the best for this machine's processor, the graphics card, or the WASM fallback. */
export type RuntimeWish = 'auto' | 'gpu' | 'wasm';

export interface RuntimeOutcome {
  readonly kind: 'tensorflow' | 'wasm';
  readonly device: 'CPU' | 'GPU';
  /** TensorFlow's version, or the WASM package's. */
  readonly version: string;
  /** The wishes for which nothing better needs to be installed. */
  readonly answers: readonly RuntimeWish[];
  /** One sentence for each better way that was not taken; empty when there is none. */
  readonly why: readonly string[];
  /** Absolute paths that must exist for this outcome to hold. */
  readonly files: readonly string[];
}

/** The wish that SPARSE_FIELD_LAB_BACKEND=wasm or SPARSE_FIELD_LAB_GPU=1 states; `auto` without either. */
export function readWish(environment: Readonly<Record<string, string | undefined>>): RuntimeWish {
  if (environment.SPARSE_FIELD_LAB_BACKEND === 'wasm') return 'wasm';
  return environment.SPARSE_FIELD_LAB_GPU === '1' ? 'gpu' : 'auto';
}

/** The last outcome, or null when there is none that still holds. */
export function readOutcome(file: string): RuntimeOutcome | null {
  if (!existsSync(file)) return null;
  try {
    const outcome = JSON.parse(readFileSync(file, 'utf8')) as RuntimeOutcome;
    return Array.isArray(outcome.answers) && outcome.files.every((path) => existsSync(path)) ? outcome : null;
  } catch {
    return null;
  }
}

/** The wishes that an installation made for `wish` answers: whoever has the card or TensorFlow can still choose WASM. */
export function listAnswers(wish: RuntimeWish): RuntimeWish[] {
  const order: RuntimeWish[] = ['wasm', 'auto', 'gpu'];
  return order.slice(0, order.indexOf(wish) + 1);
}

/** Write `outcome` in one rename, so that a killed run never leaves half a record. */
export function writeOutcome(file: string, outcome: RuntimeOutcome): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(outcome, null, 2)}\n`);
  renameSync(temporary, file);
}
