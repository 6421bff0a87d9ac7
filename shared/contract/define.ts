/** The definition of a request: the schema of its input and the type of its answer. */

import type { z } from 'zod';

export interface RequestDefinition<Input extends z.ZodType, Output> {
  readonly input: Input;
  /** Only a type, because answers come from our own main side. */
  readonly output?: Output;
}

/** `answers<RunPage>()(schema)` defines a request with input `schema` and answer `RunPage`. */
export function answers<Output>() {
  return <Input extends z.ZodType>(input: Input): RequestDefinition<Input, Output> => ({ input });
}
