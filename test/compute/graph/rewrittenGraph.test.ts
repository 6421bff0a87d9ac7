import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runCommand } from '../../../main/runtime/command.ts';
import { backend, describeNative } from '../../support/backend.ts';

describeNative('TensorFlow rewrites a graph before its first run', () => {
  it('by passes that fuse and fold, and not by those that never find anything in such graphs', async () => {
    const program = join(import.meta.dirname, 'runSmallGraph.ts');
    const environment = { TF_CPP_MIN_LOG_LEVEL: '0', TF_CPP_VMODULE: 'meta_optimizer=2' };
    const { isOk, stderr } = await runCommand(process.execPath, [program], { limit: 300_000, environment });
    expect(isOk, stderr).toBe(true);
    const passes = new Set(Array.from(stderr.matchAll(/(\w+)\S*: Graph size after/g), ([, name]) => name));
    const used = ['model_pruner', 'constant_folding', 'arithmetic_optimizer', 'remapper'];
    expect([...passes]).toEqual(expect.arrayContaining(used));
    const forCards = backend.device === 'GPU' ? [] : ['layout', 'memory_optimizer'];
    const skipped = ['tfg_optimizer', 'loop_optimizer', 'function_optimizer', ...forCards];
    expect(
      skipped.filter((name) => passes.has(name)),
      'The addon is of an earlier version: node main/runtime/setup.mjs --force',
    ).toEqual([]);
  });
});
