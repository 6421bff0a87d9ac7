/** lab doctor */

import { runDoctor, formatDoctor } from '../../runtime/doctor.ts';
import { resolveConfigFolder } from '../../store/dataFolder.ts';
import type { CommandDefinition } from '../command.ts';
import { locateDataFolderOf } from '../labStore.ts';

export const doctor: CommandDefinition = {
  usage: '',
  options: {},
  positionals: { min: 0, max: 0 },
  isListing: true,
  async run(invocation) {
    const { output } = invocation;
    output.note('Measuring. This takes a few seconds.');
    const report = await runDoctor({
      dataFolder: () => locateDataFolderOf(invocation),
      configFolder: resolveConfigFolder,
    });
    output.json(report);
    output.text(formatDoctor(report));
    return report.backend === null ? 1 : 0;
  },
};
