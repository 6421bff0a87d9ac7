/** What is known about new versions, in one or two sentences. */

import type { UpdateState } from '../../../shared/updates.ts';

export function describeUpdate(state: UpdateState): string {
  switch (state.kind) {
    case 'unavailable':
      return state.reason;
    case 'idle':
      return 'Not checked since the start.';
    case 'checking':
      return 'Checking …';
    case 'current':
      return 'This is the newest version.';
    case 'available':
      return state.canInstall
        ? `Version ${state.version} is available.`
        : `Version ${state.version} is available. Packages without a signature cannot be installed by the application: download it from its page.`;
    case 'downloading':
      return `Version ${state.version} is being downloaded …`;
    case 'ready':
      return `Version ${state.version} will be installed when you quit. A restart pauses all runs first.`;
    case 'failed':
      return state.message;
  }
}
