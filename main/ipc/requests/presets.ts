/** Answers requests about the user's presets. */

import { parsePresetFile, type SavedPreset } from '../../../shared/config/savedPresets.ts';
import type { presetRequests } from '../../../shared/contract/presets.ts';
import { describeError } from '../../../shared/text/describeError.ts';
import {
  addPreset,
  chooseDefaultPreset,
  deletePreset,
  listPresets,
  PresetError,
  renamePreset,
  savePreset,
} from '../../store/presets.ts';
import { RequestFailure } from '../failure.ts';
import type { LaboratoryParts } from '../parts.ts';
import type { HandlersOf } from '../register.ts';

export function createPresetHandlers({
  options: { configFolder },
  send,
}: Pick<LaboratoryParts, 'options' | 'send'>): HandlersOf<typeof presetRequests> {
  /** @throws RequestFailure in place of a PresetError. */
  const change = <Result>(work: () => Result): Result => {
    try {
      const result = work();
      send('presets.changed', listPresets(configFolder));
      return result;
    } catch (error) {
      if (error instanceof PresetError) throw new RequestFailure('conflict', error.message, { cause: error });
      throw error;
    }
  };
  return {
    'presets.list': () => listPresets(configFolder),
    'presets.save': ({ replaces, ...given }) => change(() => savePreset(configFolder, given, { replaces })),
    'presets.rename': ({ name, ...texts }) => change(() => renamePreset(configFolder, name, texts)),
    'presets.delete': ({ name }) => change(() => deletePreset(configFolder, name)),
    'presets.import'({ text }) {
      const preset = readFile(text);
      return change(() => addPreset(configFolder, preset));
    },
    'presets.chooseDefault': ({ name }) =>
      change(() => {
        chooseDefaultPreset(configFolder, name);
        return null;
      }),
  };
}

function readFile(text: string): SavedPreset {
  try {
    return parsePresetFile(text);
  } catch (error) {
    throw new RequestFailure('invalid', describeError(error), { cause: error });
  }
}
