import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArgs } from 'node:util';
import { train, resolveConfig } from '../../../main/cli/commands/train.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { DatasetEntry } from '../../../shared/dataLibrary.ts';
import { presets, resolvePreset, tiny as tinyPreset } from '../../../shared/config/presets.ts';
import { checkInputs } from '../../../renderer/models/forms/checkInputs.ts';
import { listConfigParameters } from '../../../shared/config/configParameters.ts';
import { formatTrainCommand, sourceOf } from '../../../shared/config/trainCommand.ts';

const tiny = resolvePreset(tinyPreset);

/** Returns the arguments that a POSIX shell passes to the program for each line; one shell reads all of them. */
function splitByShell(lines: readonly string[]): string[][] {
  const script = lines.map((line) => `for word in ${line}; do printf '%s\\0' "$word"; done; printf '\\n\\0'`);
  // On Windows, Git brings one.
  const printed = execFileSync('sh', { input: script.join('\n') }).toString();
  return printed
    .split('\n\0')
    .slice(0, -1)
    .map((words) => words.split('\0').slice(0, -1));
}

/** Parses each line as the command `lab train` does. */
function parseCommands(lines: readonly string[]) {
  return splitByShell(lines).map(([program, command, ...args]) => {
    expect([program, command]).toEqual(['lab', 'train']);
    const { values } = parseArgs({ args, options: train.options, strict: true });
    return { config: resolveConfig(values), name: values.name };
  });
}

function changeTiny(inputs: Record<string, string | boolean>): RunConfig {
  const { config, faults } = checkInputs(tiny, inputs);
  if (!config) throw new Error(JSON.stringify(faults));
  return config;
}

describe('the command line of a configuration', () => {
  it('contains preset, data source, name, and only the changed settings', () => {
    const config = changeTiny({ 'optim.learningRate': '1e-3', 'train.minutes': '' });
    expect(formatTrainCommand({ config, source: 'synthetic', name: 'first try' })).toBe(
      "lab train --preset tiny --data synthetic --name 'first try' --set optim.learningRate=0.001 --set train.minutes=null",
    );
  });

  it('names the evaluations per run next to an interval in steps, which alone would replace them', () => {
    const config = changeTiny({ 'train.evaluateEverySteps': '0' });
    const line = formatTrainCommand({ config, source: null, name: '' });
    expect(line).toContain('--set train.evaluateEverySteps=0 --set train.timesPerRun=20');
    const every = resolveConfig({ preset: 'tiny', set: ['train.evaluateEverySteps=100'] }).train;
    expect([every.timesPerRun, every.evaluateEverySteps]).toEqual([null, 100]);
  });

  it('quotes characters that a shell would interpret', () => {
    const config = changeTiny({ 'train.evaluate': 'sample' });
    const line = formatTrainCommand({ config, source: "folder:/home/an O'Neill/$HOME", name: '' });
    expect(line).toContain(`--data 'folder:/home/an O'\\''Neill/$HOME'`);
    expect(splitByShell([line])[0]).toContain("folder:/home/an O'Neill/$HOME");
  });

  it('is parsed by the command to the same configuration', () => {
    const choices = listConfigParameters().map(({ path, control, choices: options, initial }) => {
      if (control === 'switch') return fc.record({ path: fc.constant(path), input: fc.boolean() });
      if (control === 'choice') {
        return fc.record({ path: fc.constant(path), input: fc.constantFrom(...options) });
      }
      const number = fc.constantFrom('1', '2', '0.5', '1e-7', '1e3', '', String(initial));
      return fc.record({ path: fc.constant(path), input: number });
    });
    const inputs = fc.array(fc.oneof(...choices), { maxLength: 6 });
    const configs = fc.sample(inputs, 200).flatMap((typed) => {
      const { config } = checkInputs(tiny, Object.fromEntries(typed.map(({ path, input }) => [path, input])));
      return config ? [config] : [];
    });
    expect(configs.length).toBeGreaterThan(20);
    const lines = configs.map((config) => formatTrainCommand({ config, source: 'synthetic', name: '' }));
    expect(parseCommands(lines).map(({ config }) => config)).toEqual(configs);
  });

  it('passes any name through a shell unchanged', () => {
    const name = fc.string({ minLength: 1, unit: 'grapheme-ascii' }).filter((text) => text.trim() !== '');
    const names = ['-x', '--name', "it's $(me)", ...fc.sample(name, 100)];
    const lines = names.map((text) => formatTrainCommand({ config: tiny, source: null, name: text }));
    expect(parseCommands(lines).map((parsed) => parsed.name)).toEqual(names.map((text) => text.trim()));
  });

  it('starts from the default preset if the configuration has no preset', () => {
    const custom = { ...resolvePreset(presets[2]), preset: 'custom' };
    const line = formatTrainCommand({ config: custom, source: 'synthetic', name: '' });
    expect(parseCommands([line])[0].config).toEqual({ ...custom, preset: presets[0].name });
  });

  it('names a dataset as the option --data does', () => {
    const entry = { id: 'cifar10', kind: 'cifar10', location: '/cache/cifar10' } as DatasetEntry;
    expect(sourceOf(entry)).toBe('cifar10');
    expect(sourceOf({ ...entry, id: 'cifar10-2' })).toBe('cifar10:/cache/cifar10');
    expect(sourceOf({ ...entry, id: 'folder-1', kind: 'folder', location: null })).toBeNull();
  });
});
