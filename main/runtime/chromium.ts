/** A Chromium on this machine, for printing pages where there is no desktop. */

import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describeError } from '../../shared/text/describeError.ts';
import { lastLine, runCommand } from './command.ts';
import { currentContext, resolveTypedPath } from './typedPath.ts';

/** Names a Chromium, or is `none` to go without. */
const variable = 'SPARSE_FIELD_LAB_CHROMIUM';

/** Where systems usually put it; the first that exists is used. */
export const chromiumPaths = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** Milliseconds. */
const printLimit = 90_000;

/** The program's path; null where there is none. `environment`: as `process.env`. */
export function findChromium(environment: NodeJS.ProcessEnv = process.env): string | null {
  const wish = environment[variable];
  if (wish) return findNamed(wish, environment);
  return chromiumPaths.find((path) => existsSync(path)) ?? null;
}

function findNamed(wish: string, environment: NodeJS.ProcessEnv): string | null {
  if (wish === 'none') return null;
  const path = resolveTypedPath(wish, currentContext(environment));
  return existsSync(path) ? path : null;
}

/**
 * A page as PDF, printed without script, network or the user's own profile.
 * @throws Error when there is no Chromium, or it prints nothing within 90 seconds.
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
    const [page, pdf] = [join(folder, 'report.html'), join(folder, 'report.pdf')];
    await writeFile(page, html);
    // It ends with this process.
    const words = printWords({ page, pdf, profile: join(folder, 'profile') });
    const { isOk, failure, stderr } = await runCommand(program, words, { limit: printLimit });
    if (!isOk) throw new Error([failure, lastLine(stderr)].filter(Boolean).join(': '));
    return await readFile(pdf);
  } catch (error) {
    const [reason] = describeError(error).split('\n');
    throw new Error(`${program} did not print it (${reason}). Print report.html in a browser instead.`, {
      cause: error,
    });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Chromium's own sandbox refuses to work for root; the page has no script and fetches nothing. */
function printWords({ page, pdf, profile }: { page: string; pdf: string; profile: string }): string[] {
  return [
    ...['--headless', '--disable-gpu', '--disable-background-networking', '--disable-extensions'],
    ...[
      '--no-first-run',
      '--disable-sync',
      '--disable-component-update',
      '--host-resolver-rules=MAP * ~NOTFOUND',
    ],
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
    ...[`--user-data-dir=${profile}`, '--no-pdf-header-footer', `--print-to-pdf=${pdf}`],
    pathToFileURL(page).href,
  ];
}
