import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseArgs } from 'node:util';
import { train, resolveConfig } from '../../../main/cli/commands/train.ts';
import type { RunConfig } from '../../../shared/config/config.ts';
import type { DatasetEntry } from '../../../shared/dataLibrary.ts';
import { presets, resolvePreset, tiny as tinyPreset } from '../../../shared/config/presets.ts';
import { checkInputs } from '../../../renderer/models/forms/checkInputs.ts';
import { configParameters } from '../../../shared/config/configParameters.ts';
import { formatTrainCommand, sourceOf } from '../../../shared/config/trainCommand.ts';

const tiny = resolvePreset(tinyPreset);

/** Returns the arguments that a POSIX shell passes to the program. */
function splitByShell(line: string): string[] {
  const printed = execFileSync('/bin/sh', ['-c', `for word in ${line}; do printf '%s\\0' "$word"; done`]);
  return printed.toString().split('\0').slice(0, -1);
}

/** Parses the line as the command `lab train` does. */
function parseCommand(line: string) {
  const [program, command, ...args] = splitByShell(line);
  expect([program, command]).toEqual(['lab', 'train']);
  const { values } = parseArgs({ args, options: train.options, strict: true });
  return { config: resolveConfig(values), name: values.name };
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

  it('quotes characters that a shell would interpret', () => {
    const config = changeTiny({ 'train.evaluate': 'sample' });
    const line = formatTrainCommand({ config, source: "folder:/home/an O'Neill/$HOME", name: '' });
    expect(line).toContain(`--data 'folder:/home/an O'\\''Neill/$HOME'`);
    expect(splitByShell(line)).toContain("folder:/home/an O'Neill/$HOME");
  });

  it('is parsed by the command to the same configuration', () => {
    const choices = configParameters.map(({ path, control, choices: options, initial }) => {
      if (control === 'switch') return fc.record({ path: fc.constant(path), input: fc.boolean() });
      if (control === 'choice') {
        return fc.record({ path: fc.constant(path), input: fc.constantFrom(...options) });
      }
      const number = fc.constantFrom('1', '2', '0.5', '1e-7', '1e3', '', String(initial));
      return fc.record({ path: fc.constant(path), input: number });
    });
    const inputs = fc.array(fc.oneof(...choices), { maxLength: 6 });
    fc.assert(
      fc.property(inputs, (typed) => {
        const { config } = checkInputs(
          tiny,
          Object.fromEntries(typed.map(({ path, input }) => [path, input])),
        );
        fc.pre(config !== null);
        const parsed = parseCommand(formatTrainCommand({ config, source: 'synthetic', name: '' }));
        expect(parsed.config).toEqual(config);
      }),
      { numRuns: 60 },
    );
  });

  it('passes any name through a shell unchanged', () => {
    const name = fc.string({ minLength: 1, unit: 'grapheme-ascii' }).filter((text) => text.trim() !== '');
    fc.assert(
      fc.property(fc.oneof(name, fc.constantFrom('-x', '--name', "it's $(me)")), (text) => {
        const line = formatTrainCommand({ config: tiny, source: null, name: text });
        expect(parseCommand(line).name).toBe(text.trim());
      }),
      { numRuns: 40 },
    );
  });

  it('starts from the default preset if the configuration has no preset', () => {
    const custom = { ...resolvePreset(presets[2]), preset: 'custom' };
    const line = formatTrainCommand({ config: custom, source: 'synthetic', name: '' });
    expect(parseCommand(line).config).toEqual({ ...custom, preset: presets[0].name });
  });

  it('names a dataset as the option --data does', () => {
    const entry = { id: 'cifar10', kind: 'cifar10', location: '/cache/cifar10' } as DatasetEntry;
    expect(sourceOf(entry)).toBe('cifar10');
    expect(sourceOf({ ...entry, id: 'cifar10-2' })).toBe('cifar10:/cache/cifar10');
    expect(sourceOf({ ...entry, id: 'folder-1', kind: 'folder', location: null })).toBeNull();
  });
});
