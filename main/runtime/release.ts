/**
 * The steps of a release that do not need the application: the version of a tag, release notes from the changelog, the files of all
 * systems in one folder with their checksums, and a start of the packaged application. The workflows call only these.
 */

import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Configuration } from 'electron-builder';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { describeError } from '../../shared/text/describeError.ts';
import { runCommand } from './command.ts';
import { findRuntimePaths } from './paths.ts';
import { prepareEnds } from './processEnd.mjs';

const root = findRuntimePaths().root;
/** Milliseconds; the application itself gives up after five minutes. */
const smokeLimit = 7 * 60_000;

/**
 * Returns the text of a version in the changelog, without its heading.
 * @throws Error if the changelog has no section of that version, or an empty one.
 */
export function findReleaseNotes(changelog: string, version: string): string {
  const sections = changelog.replaceAll('\r\n', '\n').split(/^(?=## )/m);
  const section = sections.find((text) => /^## \[?([^\s\]]+)/.exec(text)?.[1] === version);
  const titles = sections.flatMap((text) => /^## (.*)/.exec(text)?.[1] ?? []);
  if (section === undefined)
    throw new Error(
      `CHANGELOG.md has no section ${version} (found: ${titles.join(', ')}). Move the entries of "Unreleased" under it.`,
    );
  const notes = section.replace(/^## .*\n/, '').trim();
  if (notes === '') throw new Error(`The section ${version} of CHANGELOG.md is empty. Say what has changed.`);
  return notes;
}

/**
 * Returns a changelog whose entries of "Unreleased" are those of a version from now on. `date`: YYYY-MM-DD.
 * @throws Error if the version is not of the form 1.2.3, has a section already, or nothing is unreleased.
 */
export function moveUnreleased(changelog: string, version: string, date: string): string {
  if (!/^\d+\.\d+\.\d+$/.test(version))
    throw new Error(`The version is "${version}"; three numbers such as 0.2.0 were expected.`);
  const text = changelog.replaceAll('\r\n', '\n');
  if (new RegExp(`^## \\[?${version.replaceAll('.', '\\.')}\\b`, 'm').test(text))
    throw new Error(`CHANGELOG.md has a section ${version} already. Choose the next version.`);
  if (findReleaseNotes(text, 'Unreleased') === '') throw new Error('Nothing is unreleased.');
  return text.replace(/^## Unreleased\n/m, `## Unreleased\n\n## ${version} - ${date}\n`);
}

/** Gives package.json, package-lock.json and the changelog the version, and returns what is to do next. */
function prepareRelease(version: string): string {
  const date = new Date().toISOString().slice(0, 10);
  const changelog = moveUnreleased(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version, date);
  for (const name of ['package.json', 'package-lock.json']) {
    const text = readFileSync(join(root, name), 'utf8');
    // The version of the project is the first in both, and that of its entry the second in the lock file.
    const count = name === 'package.json' ? 1 : 2;
    let found = 0;
    const changed = text.replaceAll(/^(\s+"version": )"[^"]+"/gm, (line: string, start: string) =>
      ++found <= count ? `${start}"${version}"` : line,
    );
    writeFileSync(join(root, name), changed);
  }
  writeFileSync(join(root, 'CHANGELOG.md'), changelog);
  return `Look at the changes, commit them, pass the checks, then: git tag v${version}`;
}

/** @throws Error if the tag is not `v` and the version of package.json. */
export function checkTag(tag: string, version: string): void {
  if (tag !== `v${version}`)
    throw new Error(`The tag is ${tag}, but package.json has version ${version}: v${version} was expected.`);
}

/**
 * Returns what packages for the releases of a repository on GitHub have in addition: where the updater finds new versions, the release
 * notes that it shows, and whether they are signed, which decides whether it may install them.
 * @throws Error if GITHUB_REPOSITORY is not set to `owner/name`.
 */
export function describeRelease(
  environment: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform,
  notes: string,
): Configuration {
  const repository = environment.GITHUB_REPOSITORY ?? '';
  const [, owner, repo] = /^([\w.-]+)\/([\w.-]+)$/.exec(repository) ?? [];
  if (owner === undefined)
    throw new Error(
      `GITHUB_REPOSITORY is "${repository}"; owner/name of the repository with the releases was expected.`,
    );
  const certificates = { darwin: ['CSC_LINK', 'CSC_NAME'], win32: ['WIN_CSC_LINK', 'CSC_LINK'] };
  const isSigned =
    (platform === 'darwin' || platform === 'win32') &&
    certificates[platform].some((name) => environment[name]);
  const author = { name: owner, email: `${owner}@users.noreply.github.com` };
  const homepage = `https://github.com/${owner}/${repo}`;
  return {
    publish: { provider: 'github', owner, repo },
    releaseInfo: { releaseNotes: notes },
    extraMetadata: { homepage, author, isSigned },
    // A package for Debian must name a home page and a maintainer.
    linux: { target: ['deb', 'tar.gz', 'AppImage'] },
  };
}

/** Returns the path of the program that electron-builder has put into `folder`, without an installer. */
export function packagedProgram(folder: string, platform: NodeJS.Platform, arch: string): string {
  const name = 'Sparse Field Lab';
  const suffix = arch === 'x64' ? '' : `-${arch}`;
  switch (platform) {
    case 'darwin':
      return join(folder, `mac${suffix}`, `${name}.app`, 'Contents', 'MacOS', name);
    case 'win32':
      return join(folder, `win${suffix}-unpacked`, `${name}.exe`);
    default:
      return join(folder, `linux${suffix}-unpacked`, 'sparse-field-lab');
  }
}

/**
 * Starts the packaged application with `--smoke` and returns what it printed.
 * @throws Error with the reason that it printed if it fails.
 */
export async function startPackaged(program: string): Promise<string> {
  if (!existsSync(program))
    throw new Error(`${program} is missing. Package the application first: npm run package -- --dir`);
  // Chromium's sandbox refuses to work for root.
  const args = ['--smoke', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])];
  const { isOk, stdout, stderr, failure } = await runCommand(program, args, { limit: smokeLimit });
  const sentence = stdout
    .split('\n')
    .find((line) => line.startsWith('Smoke test '))
    ?.trim();
  if (isOk && sentence !== undefined) return sentence;
  const last = stderr.trim().split('\n').slice(-20).join('\n');
  throw new Error(
    [sentence ?? `The application printed no result (${failure || 'status 0'}).`, last].join('\n').trim(),
  );
}

const updateFileSchema = z.looseObject({
  version: z.string(),
  files: z.array(z.looseObject({ url: z.string() })),
});

/**
 * Combines two descriptions of one version for the updater: those of a Mac with Intel's and one with Apple's processor have the same
 * name, and the updater chooses among their files.
 * @throws Error if the versions differ.
 */
export function mergeUpdateFiles(one: string, other: string): string {
  const [first, second] = [one, other].map((text) => updateFileSchema.parse(parse(text)));
  if (first.version !== second.version)
    throw new Error(`The files for the updater are of versions ${first.version} and ${second.version}.`);
  const files = new Map([...first.files, ...second.files].map((file) => [file.url, file]));
  return stringify({ ...first, files: [...files.values()] });
}

/** What is published: installers, archives, differences between versions, and the descriptions for the updater. */
const published = /\.(?:deb|AppImage|exe|dmg|zip|tar\.gz|blockmap|yml)$/;

/**
 * Copies the files of all systems from the folders below `from` into `to`, with the file SHA256SUMS, which `sha256sum --check` reads.
 * Returns the names.
 * @throws Error if there is none, or if two differ although they have the same name.
 */
export function collectFiles(from: string, to: string): string[] {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  const files = readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && published.test(entry.name) && !entry.name.startsWith('builder-'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0) throw new Error(`No installers were found in ${from}.`);
  for (const file of files) {
    const target = join(to, basename(file));
    if (!existsSync(target)) copyFileSync(file, target);
    else if (file.endsWith('.yml'))
      writeFileSync(target, mergeUpdateFiles(readFileSync(target, 'utf8'), readFileSync(file, 'utf8')));
    else throw new Error(`Two files are called ${basename(file)}, one of them ${file}.`);
  }
  const names = readdirSync(to).sort();
  const sums = names.map((name) => `${hashFile(join(to, name))}  ${name}\n`);
  writeFileSync(join(to, 'SHA256SUMS'), sums.join(''));
  return [...names, 'SHA256SUMS'];
}

function hashFile(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return z.object({ version: z.string() }).parse(manifest).version;
}

/** Returns the release notes of the version in package.json. @throws Error as `findReleaseNotes`. */
export function readReleaseNotes(): string {
  return findReleaseNotes(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), readVersion());
}

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<string> | string>> = {
  /** Arguments: the version. */
  prepare: ([version = '']) => prepareRelease(version),
  /** Arguments: the tag. */
  check([tag = '']) {
    checkTag(tag, readVersion());
    return `${tag} is the version of package.json, and has ${readReleaseNotes().length} characters of release notes.`;
  },
  notes: readReleaseNotes,
  /** Arguments: the folder with the packages of all systems, and the new folder. */
  collect: ([from = 'out/package', to = 'out/release']) =>
    collectFiles(resolve(from), resolve(to)).join('\n'),
  smoke: () => startPackaged(packagedProgram(join(root, 'out', 'package'), process.platform, process.arch)),
};

if (process.argv[1] === import.meta.filename) {
  prepareEnds();
  const [name = '', ...args] = process.argv.slice(2);
  try {
    if (!Object.hasOwn(commands, name))
      throw new Error(`"${name}" is no step of a release; expected ${Object.keys(commands).join(', ')}.`);
    process.stdout.write(`${await commands[name](args)}\n`);
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
