/** Finds a Python with PyTorch: the interpreter SPARSE_FIELD_LAB_PYTHON names, else python3. */

import { lastLine, runCommand } from '../../main/runtime/command.ts';

export interface TwinInfo {
  readonly python: string;
  readonly version: string;
  readonly device: 'cpu' | 'cuda';
}

const interpreterVariable = 'SPARSE_FIELD_LAB_PYTHON';
const question = 'import torch; print(torch.__version__, torch.cuda.is_available())';

/**
 * PyTorch on the same kind of device as the engine, so that networks are compared and not processors; or the reason why
 * there is none to compare with.
 */
export async function findTwin(device: 'CPU' | 'GPU'): Promise<TwinInfo | string> {
  const python = process.env[interpreterVariable] ?? 'python3';
  const answer = await runCommand(python, ['-c', question], { limit: 120_000 });
  if (!answer.isOk) {
    const reason = lastLine(answer.stderr) || answer.failure;
    return `${python} has no PyTorch (${reason}); ${interpreterVariable} names another interpreter`;
  }
  const [version, hasCuda] = lastLine(answer.stdout).split(' ');
  if (device === 'CPU') return { python, version, device: 'cpu' };
  if (hasCuda === 'True') return { python, version, device: 'cuda' };
  return `the engine runs on the GPU and PyTorch ${version} finds none`;
}
