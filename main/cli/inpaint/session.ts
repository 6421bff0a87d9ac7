/** One compute process for all images of a call, with progress and Ctrl-C. */

import { formatPercent, formatTimeLeft } from '../../../shared/text/format.ts';
import type {
  ComputeEvent,
  EstimateJob,
  InpaintEvent,
  InpaintJob,
  InpaintedImage,
} from '../../compute/protocol.ts';
import type { ComputeHost, CreateHost } from '../../jobs/computeHost.ts';
import { createWarmHost } from '../../jobs/inpainting/warmHost.ts';
import { onEndRequest } from '../../runtime/processEnd.mjs';
import { formatBackend, formatEager } from '../format.ts';
import type { Output } from '../output.ts';

export interface InpaintSession {
  /** Whether the user requested to end. */
  isInterrupted(): boolean;
  /** Returns null after a request to end. `label`: name of the image for the progress line. @throws Error with the message of the compute process. */
  compute(
    job: InpaintJob | EstimateJob,
    options: { label: string; onEvent: (event: InpaintEvent) => void },
  ): Promise<InpaintedImage | null>;
  /** Ends the process. */
  close(): void;
}

/** Below this fraction no remaining time is shown, because loading and compiling do not predict it. */
const smallestFraction = 0.03;

export function openInpaintSession(createHost: CreateHost, output: Output): InpaintSession {
  const host = createWarmHost((mode) => noteStart(createHost(mode), output));
  let isInterrupted = false;
  const release = onEndRequest(({ isRepeated }) => {
    isInterrupted = true;
    if (isRepeated) host.close();
    else host.cancel();
  });
  return {
    isInterrupted: () => isInterrupted,
    async compute(job, { label, onEvent }) {
      if (isInterrupted) return null;
      const startedAt = performance.now();
      return host.compute(job, (event) => {
        if (event.type === 'retried') output.note(event.message);
        else if (event.type !== 'progress') onEvent(event);
        else output.progress(`${label} · ${describeProgress(event, (performance.now() - startedAt) / 1000)}`);
      });
    },
    close() {
      release();
      host.close();
    },
  };
}

/** `34 % · sample 1 of 4, step 3 of 10 · 12 s left` */
function describeProgress(
  { phase, done, total }: Pick<Extract<ComputeEvent, { type: 'progress' }>, 'phase' | 'done' | 'total'>,
  elapsed: number,
): string {
  const fraction = total === null || total === 0 ? 0 : Math.min(1, done / total);
  if (fraction < smallestFraction) return phase;
  return [formatPercent(fraction), phase, formatTimeLeft((elapsed * (1 - fraction)) / fraction)].join(' · ');
}

function noteStart(host: ComputeHost, output: Output): ComputeHost {
  host.onEvent((event) => {
    if (event.type === 'ready') output.note(formatBackend(event));
    if (event.type === 'execution' && event.kind === 'eager' && event.reason !== null)
      output.note(formatEager(event));
  });
  return host;
}
