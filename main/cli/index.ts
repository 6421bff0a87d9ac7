/** Entry point of the terminal commands. */

import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { prepareEnds } from '../runtime/processEnd.mjs';

prepareEnds();
// Modules are compiled once for all commands and compute processes, which inherit the variable. It does nothing where the
// folder cannot be written.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../../node_modules/.cache/compiled');
enableCompileCache(process.env.NODE_COMPILE_CACHE);
const { runCommandLine } = await import('./runCommandLine.ts');
process.exitCode = await runCommandLine(process.argv.slice(2));
