/** lab presets */

import { basename, dirname, join } from 'node:path';
import { resolvePreset, presets as ofProgram } from '../../../shared/config/presets.ts';
import {
  asPreset,
  formatPresetFile,
  nameOfTitle,
  type SavedPreset,
} from '../../../shared/config/savedPresets.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { FieldTraits } from '../../../shared/config/networks/network.ts';
import {
  type FieldKind,
  fieldKinds,
  parametersOf,
  traitsOf,
} from '../../../shared/config/networks/registry.ts';
import { formatPlural } from '../../../shared/text/format.ts';
import { quoteWord } from '../../../shared/config/trainCommand.ts';
import { findPathKind, resolveTypedPath } from '../../runtime/typedPath.ts';
import { resolveConfigFolder } from '../../store/dataFolder.ts';
import { prepareOutputFolder, writeFileAtomically } from '../../store/files/atomicFile.ts';
import {
  addPreset,
  chooseDefaultPreset,
  deletePreset,
  PresetError,
  presetExtension,
  readPresetFile,
  renamePreset,
  requireSaved,
  savePreset,
} from '../../store/presets.ts';
import { type CommandDefinition, type Invocation, UsageError } from '../command.ts';
import { configPaths, parameterAt } from '../../../shared/config/setParameters.ts';
import { applyOverrides, defaultPresetName, readLibrary, requirePreset } from '../configOptions.ts';
import { formatColumns } from '../format.ts';
import { findNamedRun, withStore } from '../labStore.ts';
import { flagOption, readFlag, readText, readTexts, valueOption } from '../options.ts';

export const presets: CommandDefinition = {
  usage:
    '[preset] | save <name> | export <preset> | import <file> | rename <preset> <name> | delete <preset> | default [preset]',
  arguments: {
    '[preset]': 'Name of a preset, whose parameters are printed.',
    'save <name>': 'Save the configuration of a run (--run), or of a preset with changes (--preset, --set).',
    'export <preset>': 'Write one of your presets to a file.',
    'import <file>': 'Add a preset from a file.',
    'rename <preset> <name>': 'Give one of your presets another name.',
    'delete <preset>': 'Delete one of your presets.',
    'default [preset]': 'Choose what a new run starts from; without a preset, that of the program.',
  },
  options: {
    run: valueOption('RUN', 'Run to save the configuration of: ID, the start of one, a name, or latest.'),
    preset: valueOption('NAME', 'Preset to save with changes.', 'the default preset'),
    set: {
      ...valueOption('path=value', 'Change a parameter of what is saved; may be repeated.'),
      multiple: true,
    },
    description: valueOption('TEXT', 'What the preset is for, in one line.'),
    replace: flagOption('Replace your preset of the same name.'),
    out: valueOption('PATH', 'File or existing folder to export to.', 'the current folder'),
  },
  positionals: { min: 0, max: 3 },
  isListing: true,
  async run(invocation) {
    const [first] = invocation.positionals;
    const action = first === undefined ? undefined : actions[first];
    try {
      if (action) await runAction(action, invocation);
      else if (first === undefined) listAll(invocation);
      else printParameters(invocation);
    } catch (error) {
      if (error instanceof PresetError) throw new UsageError(error.message, { cause: error });
      throw error;
    }
    return 0;
  },
};

interface Action {
  /** Placeholders of the arguments that follow, of which the last may be left out if it is in brackets. */
  readonly takes: readonly string[];
  run(args: readonly string[], invocation: Invocation): Promise<void> | void;
}

const actions: Readonly<Record<string, Action>> = {
  save: { takes: ['<name>'], run: ([title], invocation) => save(title, invocation) },
  export: { takes: ['<preset>'], run: ([name], invocation) => exportOne(name, invocation) },
  import: {
    takes: ['<file>'],
    run([file], { output }) {
      const preset = addPreset(resolveConfigFolder(), readPresetFile(resolveTypedPath(file)));
      output.text(`The preset ${preset.name} was imported. Use it with: lab train --preset ${preset.name}`);
      output.json({ preset: describeSaved(preset) });
    },
  },
  rename: {
    takes: ['<preset>', '<name>'],
    run([text, title], { values, output }) {
      const folder = resolveConfigFolder();
      const { name, description } = requireSaved(folder, nameOf(text));
      const texts = { title, description: readText(values, 'description') ?? description };
      const preset = renamePreset(folder, name, texts);
      output.text(`The preset ${name} is now ${preset.name}.`);
      output.json({ preset: describeSaved(preset) });
    },
  },
  delete: {
    takes: ['<preset>'],
    run([name], { output }) {
      const preset = deletePreset(resolveConfigFolder(), nameOf(name));
      output.text(`The preset ${preset.name} was deleted. Runs that were trained with it are unchanged.`);
      output.json({ deleted: preset.name });
    },
  },
  default: {
    takes: ['[preset]'],
    run([name], { output }) {
      chooseDefaultPreset(resolveConfigFolder(), name === undefined ? null : requirePreset(name).name);
      output.text(`A new run starts from ${defaultPresetName()} unless another preset is named.`);
      output.json({ default: defaultPresetName() });
    },
  },
};

/** @throws UsageError when there are too few or too many arguments. */
async function runAction(action: Action, invocation: Invocation): Promise<void> {
  const [word, ...args] = invocation.positionals;
  const { takes } = action;
  const needed = takes.filter((placeholder) => placeholder.startsWith('<')).length;
  if (args.length < needed || args.length > takes.length) {
    throw new UsageError(
      `"lab presets ${word}" got ${formatPlural(args.length, 'argument')}. Usage: lab presets ${word} ${takes.join(' ')}.`,
    );
  }
  await action.run(args, invocation);
}

async function save(title: string, invocation: Invocation): Promise<void> {
  const { values, output } = invocation;
  const given = {
    title,
    description: readText(values, 'description') ?? '',
    config: await readConfig(invocation),
  };
  const replaces = readFlag(values, 'replace') ? nameOfTitle(title) : null;
  const preset = savePreset(resolveConfigFolder(), given, { replaces });
  output.text(`The preset ${preset.name} was saved. Use it with: lab train --preset ${preset.name}`);
  output.json({ preset: describeSaved(preset) });
}

/** Returns the configuration to save. @throws UsageError when both a run and a preset are named. */
async function readConfig(invocation: Invocation): Promise<RunConfig> {
  const { values } = invocation;
  const run = readText(values, 'run');
  const preset = readText(values, 'preset');
  if (run !== undefined && preset !== undefined)
    throw new UsageError('--run and --preset exclude each other. Give one of them.');
  const config =
    run === undefined
      ? resolvePreset(requirePreset(preset ?? defaultPresetName()))
      : await withStore(invocation, (store) => findNamedRun(store, run).config);
  const assignments = readTexts(values, 'set');
  return assignments.length === 0 ? config : applyOverrides(config, assignments);
}

function exportOne(name: string, { values, output }: Invocation): void {
  const preset = requireSaved(resolveConfigFolder(), nameOf(name));
  const given = resolveTypedPath(readText(values, 'out') ?? '.');
  const file = findPathKind(given) === 'folder' ? join(given, `${preset.name}${presetExtension}`) : given;
  prepareOutputFolder(dirname(file));
  const bytes = new TextEncoder().encode(formatPresetFile(preset));
  writeFileAtomically({ folder: dirname(file), name: basename(file), bytes });
  output.text(
    `The preset ${preset.name} was written to ${file}. Import it with: lab presets import ${quoteWord(file)}`,
  );
  output.json({ preset: preset.name, file });
}

/** Returns the name of a preset of the user that is named by its name or its title. */
function nameOf(text: string): string {
  return requirePreset(text).name;
}

function describeSaved(preset: SavedPreset) {
  return { ...asPreset(preset), isSaved: true };
}

function listAll({ output }: Invocation): void {
  const { presets: saved, findings } = readLibrary();
  const chosen = defaultPresetName();
  for (const finding of findings) output.note(`A preset cannot be used. ${finding}`);
  const listed = ofProgram.map((preset) => ({ ...preset, config: resolvePreset(preset) }));
  output.json({
    presets: [...listed, ...saved.map(describeSaved)],
    default: chosen,
    networks: Object.fromEntries(networkTraits()),
  });
  const describe = ({ name, description }: { name: string; description: string }) =>
    `${name}${name === chosen ? ' (default)' : ''}\n  ${description || '(no description)'}`;
  output.text(ofProgram.map(describe).join('\n'));
  if (saved.length > 0) output.text(`\nYour presets\n${saved.map(describe).join('\n')}`);
  output.text(`\nNetworks, chosen by --set field.kind=…\n${networkTable()}`);
}

function printParameters({ positionals, output }: Invocation): void {
  if (positionals.length > 1) {
    throw new UsageError(
      `"lab presets" got ${positionals.length} arguments, expected one preset, or one of ${Object.keys(actions).join(', ')}.`,
    );
  }
  const preset = requirePreset(positionals[0]);
  const config = resolvePreset(preset);
  output.json({ ...preset, config });
  output.text(
    formatColumns(configPaths(config).map((path) => [path, JSON.stringify(parameterAt(config, path))])),
  );
  const others = fieldKinds.filter((kind) => kind !== config.field.kind);
  output.text('\nParameters of the other networks, chosen by --set field.kind=…');
  output.text(formatColumns(others.map((kind) => [kind, parametersOf(kind).join(', ')])));
}

function networkTraits(): [FieldKind, FieldTraits][] {
  return fieldKinds.map((kind) => [kind, traitsOf(kind)]);
}

/** One line per network: what it predicts, what it accepts and how its cost grows. */
function networkTable(): string {
  const rows = networkTraits().map(([kind, traits]) => [
    kind,
    traits.queries === 'grid' ? 'all pixels' : 'any pixels',
    traits.isResolutionFree ? 'any size' : 'its own size',
    traits.takesAnyKeepRatio ? 'any fraction' : 'its own fraction',
    traits.cost,
    traits.description,
  ]);
  return formatColumns([['network', 'predicts', 'image', 'observed', 'cost grows with', ''], ...rows]);
}
