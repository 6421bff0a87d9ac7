/**
 * Starts the terminal commands with compiled modules kept, for all commands and compute processes, which inherit the variable. Plain
 * JavaScript, because Node would load its compiler of TypeScript for the first module, before the kept ones can be used.
 */

import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Nothing is kept where the folder cannot be written.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, '../../node_modules/.cache/compiled');
enableCompileCache(process.env.NODE_COMPILE_CACHE);
await import('./index.ts');
