/** The result of an installation of the runtime: written next to the packages, read by set-up and by the doctor. */

import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the user requested: the best backend for the processor, the graphics card, or WASM. */
export type RuntimeRequest = 'auto' | 'gpu' | 'wasm';

export interface InstallResult {
  /** What set-up installed; WebGPU comes with the packages. */
  readonly kind: 'tensorflow' | 'wasm';
  readonly device: 'CPU' | 'GPU';
  /** TensorFlow's version, or the WASM package's. */
  readonly version: string;
  /** Requests for which nothing better needs to be installed. */
  readonly answers: readonly RuntimeRequest[];
  /** One sentence for each better backend that could not be installed. */
  readonly why: readonly string[];
  /** Absolute paths of files that must exist for this result to be valid. */
  readonly files: readonly string[];
}

/** Returns the request of SPARSE_FIELD_LAB_BACKEND=wasm or SPARSE_FIELD_LAB_GPU=1; `auto` without either. */
export function readRequest(environment: Readonly<Record<string, string | undefined>>): RuntimeRequest {
  if (environment.SPARSE_FIELD_LAB_BACKEND === 'wasm') return 'wasm';
  return environment.SPARSE_FIELD_LAB_GPU === '1' ? 'gpu' : 'auto';
}

/** Reads the last result; null if there is none that is still valid. */
export function readInstallResult(file: string): InstallResult | null {
  if (!existsSync(file)) return null;
  try {
    const result = JSON.parse(readFileSync(file, 'utf8')) as InstallResult;
    return Array.isArray(result.answers) && result.files.every((path) => existsSync(path)) ? result : null;
  } catch {
    return null;
  }
}

/** Lists the requests that an installation for `request` satisfies: WASM is available with every other backend. */
export function listSatisfiedRequests(request: RuntimeRequest): RuntimeRequest[] {
  const order: RuntimeRequest[] = ['wasm', 'auto', 'gpu'];
  return order.slice(0, order.indexOf(request) + 1);
}

/** Writes the result atomically. */
export function writeInstallResult(file: string, result: InstallResult): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(result, null, 2)}\n`);
  renameSync(temporary, file);
}
