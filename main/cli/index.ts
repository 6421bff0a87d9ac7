/** The terminal's door: finds the command, parses its options, prints errors as one sentence. */

import { runCommandLine } from './runCommandLine.ts';

process.exitCode = await runCommandLine(process.argv.slice(2));
