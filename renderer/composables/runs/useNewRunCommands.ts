/** The two ways to another run, which the run list and the first start offer: the form, and files of other machines. */

import { mdiFileImportOutline, mdiPlus } from '@mdi/js';
import { useRouter } from 'vue-router';
import type { Command } from '../../models/frame/pageCommand.ts';
import { useRunImport } from './runFiles.ts';

export function useNewRunCommands(): { readonly creating: Command; readonly importing: Command } {
  const router = useRouter();
  const imports = useRunImport();
  return {
    creating: {
      id: 'newRun',
      label: 'New run',
      group: 'Go to',
      keys: ['Mod+N', 'N'],
      icon: mdiPlus,
      run: () => void router.push('/new'),
    },
    importing: {
      id: 'importRun',
      label: 'Import runs',
      caption: 'Import run…',
      hint: 'Import exported runs; you can also drop the files on the window',
      group: 'Runs',
      keys: [],
      icon: mdiFileImportOutline,
      run: imports.choose,
    },
  };
}
