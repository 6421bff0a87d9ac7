/** Finds a Chromium on this machine and prints pages with it, for systems without a desktop. */

import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeError } from '../../shared/text/describeError.ts';
import { lastLine, runCommand } from './command.ts';
import { currentContext, resolveTypedPath } from './typedPath.ts';

/** The variable that names a Chromium, or is `none` for no Chromium at all. */
const variable = 'SPARSE_FIELD_LAB_CHROMIUM';

/** Usual locations; the first that exists is used. */
export const chromiumPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  'C:\\Program Files\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** Milliseconds until printing is given up. */
const printLimit = 90_000;

/** Returns the path of the program; null if there is none. `environment`: as `process.env`. */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | null {
  const requested = environment[variable];
  if (requested) return findNamed(requested, environment);
  return chromiumPaths.find((path) => existsSync(path)) ?? null;
}

function findNamed(requested: string, environment: NodeJS.ProcessEnv): string | null {
  if (requested === 'none') return null;
  const path = resolveTypedPath(requested, currentContext(environment));
  return existsSync(path) ? path : null;
}

/**
 * Prints a page as PDF, without scripts, network or the user's own profile.
 * @throws Error if there is no Chromium, or it does not print within 90 seconds.
 */
export async function printByChromium(
  html: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Uint8Array> {
  const program = findChromium(environment);
  if (program === null) {
    throw new Error(
      `no Chromium was found. Install one, or name it in ${variable}, and write the report again.`,
    );
  }
  const folder = await mkdtemp(join(tmpdir(), 'sparse-field-lab-print-'));
  try {
    const page = join(folder, 'report.html');
    const pdf = join(folder, 'report.pdf');
    await writeFile(page, html);
    // Chromium ends together with this process.
    const args = printArguments({ page, pdf, profile: join(folder, 'profile') });
    const { isOk, failure, stderr } = await runCommand(program, args, { limit: printLimit });
    if (!isOk) throw new Error([failure, lastLine(stderr)].filter(Boolean).join(': '));
    return await readFile(pdf);
  } catch (error) {
    const [reason] = describeError(error).split('\n');
    throw new Error(
      `${program} could not print the page (${reason}). Print report.html in a browser instead.`,
      {
        cause: error,
      },
    );
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Chromium's sandbox does not work for root; it is not needed, because the page has no scripts and loads nothing. */
function printArguments({ page, pdf, profile }: { page: string; pdf: string; profile: string }): string[] {
  return [
    '--headless',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-extensions',
    '--no-first-run',
    '--disable-sync',
    '--disable-component-update',
    '--host-resolver-rules=MAP * ~NOTFOUND',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    `--user-data-dir=${profile}`,
    '--no-pdf-header-footer',
    `--print-to-pdf=${pdf}`,
    pathToFileURL(page).href,
  ];
}
