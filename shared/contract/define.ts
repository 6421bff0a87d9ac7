/** How one request of the contract is written down: the schema of its input, the type of its answer. */

import type { z } from 'zod';

export interface RequestDefinition<Input extends z.ZodType, Output> {
  readonly input: Input;
  /** Only a type: answers come from our own main side. */
  readonly output?: Output;
}

/** `answers<RunPage>()(schema)`: a request whose input fits `schema` and whose answer is a `RunPage`. */
export function answers<Output>() {
  return <Input extends z.ZodType>(input: Input): RequestDefinition<Input, Output> => ({ input });
}
