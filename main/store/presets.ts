/** The user's presets: one file each in the configuration folder, so that every data folder and the command line have them. */

import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  createSavedPreset,
  findTitleProblem,
  formatPresetFile,
  largestPresetFile,
  parsePresetFile,
  type PresetLibrary,
  presetNameSchema,
  type SavedPreset,
} from '../../shared/config/savedPresets.ts';
import type { RunConfig } from '../../shared/config/config.ts';
import { findPreset } from '../../shared/config/presets.ts';
import { describeError } from '../../shared/text/describeError.ts';
import { prepareOutputFolder, writeFileAtomically } from './files/atomicFile.ts';

/** Ends the names of files that hold a preset. */
export const presetExtension = '.preset.json';
const defaultFile = 'default.json';

/** A preset cannot be saved, renamed or found; the message states why. */
export class PresetError extends Error {}

/** Reads all presets. A file that cannot be used is a finding and stays where it is. */
export function listPresets(configFolder: string): PresetLibrary {
  const folder = presetsFolder(configFolder);
  const presets: SavedPreset[] = [];
  const findings: string[] = [];
  for (const file of listFiles(folder)) {
    try {
      presets.push(readPresetFile(join(folder, file)));
    } catch (error) {
      findings.push(`${join(folder, file)}: ${describeError(error)}`);
    }
  }
  presets.sort((one, other) => one.title.localeCompare(other.title, 'en'));
  const chosen = readDefault(folder);
  const isThere = chosen !== null && (findPreset(chosen) ?? presets.find(({ name }) => name === chosen));
  return { presets, defaultName: isThere ? chosen : null, findings };
}

/**
 * Reads a file with a preset.
 * @throws Error when it cannot be read or is no preset.
 */
export function readPresetFile(path: string): SavedPreset {
  const { size } = statSync(path);
  if (size > largestPresetFile)
    throw new Error(`The file has ${size} bytes, at most ${largestPresetFile} expected of a preset.`);
  return parsePresetFile(readFileSync(path, 'utf8'));
}

/**
 * Saves a configuration as a preset. `replaces`: name of the preset that may be overwritten.
 * @throws PresetError when the title is taken or cannot be used, Error when the file cannot be written.
 */
export function savePreset(
  configFolder: string,
  given: Pick<SavedPreset, 'title' | 'description'> & { readonly config: RunConfig },
  { replaces = null }: { readonly replaces?: string | null } = {},
): SavedPreset {
  const others = listPresets(configFolder).presets.filter(({ name }) => name !== replaces);
  const problem = findTitleProblem(given.title, others);
  if (problem !== null) throw new PresetError(problem);
  const preset = createSavedPreset(given, given.config);
  writePreset(configFolder, preset);
  return preset;
}

/**
 * Saves a preset from a file under its title, or, if that is taken, with a number after it.
 * @throws PresetError, or Error like `savePreset`.
 */
export function addPreset(configFolder: string, { title, ...rest }: SavedPreset): SavedPreset {
  const { presets } = listPresets(configFolder);
  const titles = Array.from({ length: presets.length + 2 }, (_, index) =>
    index === 0 ? title : `${title.slice(0, 54)} ${index + 1}`,
  );
  const free = titles.find((each) => findTitleProblem(each, presets) === null) ?? title;
  return savePreset(configFolder, { ...rest, title: free });
}

/**
 * Gives a preset another title and description; the default remains the same preset.
 * @throws PresetError when there is no such preset or the title cannot be used.
 */
export function renamePreset(
  configFolder: string,
  name: string,
  texts: Pick<SavedPreset, 'title' | 'description'>,
): SavedPreset {
  const { defaultName } = listPresets(configFolder);
  const { config } = requireSaved(configFolder, name);
  const renamed = savePreset(configFolder, { ...texts, config }, { replaces: name });
  if (renamed.name === name) return renamed;
  removeFile(configFolder, name);
  if (defaultName === name) chooseDefaultPreset(configFolder, renamed.name);
  return renamed;
}

/** @throws PresetError when there is no such preset. */
export function deletePreset(configFolder: string, name: string): SavedPreset {
  const preset = requireSaved(configFolder, name);
  if (listPresets(configFolder).defaultName === name) chooseDefaultPreset(configFolder, null);
  removeFile(configFolder, name);
  return preset;
}

/**
 * Chooses what a new run starts from; null: the first preset of the program.
 * @throws PresetError when there is no such preset.
 */
export function chooseDefaultPreset(configFolder: string, name: string | null): void {
  const folder = presetsFolder(configFolder);
  if (name === null) {
    rmSync(join(folder, defaultFile), { force: true });
    return;
  }
  if (!findPreset(name)) requireSaved(configFolder, name);
  write(folder, defaultFile, `${JSON.stringify({ preset: name })}\n`);
}

/** @throws PresetError when there is no such preset. */
export function requireSaved(configFolder: string, name: string): SavedPreset {
  const { presets } = listPresets(configFolder);
  const preset = presets.find((each) => each.name === name);
  if (preset) return preset;
  const known = presets.map((each) => each.name).join(', ') || 'none';
  throw new PresetError(
    findPreset(name)
      ? `“${name}” is a preset of the program, which cannot be changed. Your presets: ${known}.`
      : `You have no preset “${name}”. Your presets: ${known}.`,
  );
}

function presetsFolder(configFolder: string): string {
  return join(configFolder, 'presets');
}

function listFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(presetExtension)) : [];
}

/** Returns null also when the file is damaged: a choice that is quickly made again. */
function readDefault(folder: string): string | null {
  try {
    const { preset } = JSON.parse(readFileSync(join(folder, defaultFile), 'utf8')) as { preset?: unknown };
    return presetNameSchema.parse(preset);
  } catch {
    return null;
  }
}

function writePreset(configFolder: string, preset: SavedPreset): void {
  write(presetsFolder(configFolder), `${preset.name}${presetExtension}`, formatPresetFile(preset));
}

/** A file that someone has renamed is removed by its content's name. */
function removeFile(configFolder: string, name: string): void {
  const folder = presetsFolder(configFolder);
  for (const file of listFiles(folder)) {
    try {
      if (readPresetFile(join(folder, file)).name === name) rmSync(join(folder, file));
    } catch {
      // A file that is no preset has no name.
    }
  }
}

function write(folder: string, name: string, text: string): void {
  prepareOutputFolder(folder);
  writeFileAtomically({ folder, name, bytes: new TextEncoder().encode(text) });
}
