/** What the program of the tests on a card prints; numbers are largest differences from the processor. */

import type { BackendInfo } from '../../../shared/run.ts';

/** By the kind of an entry of the state, relative to the largest number of that kind. */
type StateDifference = Record<string, number>;

export interface CardReport {
  info: BackendInfo;
  random: { uniform: number; normal: number };
  convolutions: number[];
  trainings: Record<string, { loss: number; gradNorm: number; sample: number; state: StateDifference }>;
  resumed: {
    /** Whether a run that was paused ends in the same state, bit for bit. */
    isEqual: boolean;
    /** The same run continued on the processor. */
    onProcessor: StateDifference;
    /** A step whose update is computed operation by operation. */
    unfused: StateDifference;
    /** Tensors, and bytes allocated on the card, that further steps left behind. */
    grown: { tensors: number; bytes: number };
  };
  inpainted: number;
  /** The message of a card that reports an error. */
  failure: string;
}
