/** Keeps a late response from overwriting a newer event: responses and events arrive independently. */

export interface UpdateGate {
  /** Must be called with every event. */
  countEvent(): void;
  /** Awaits a response. `isNewest` is false if an event arrived meanwhile, which is at least as new. */
  wait<Value>(answer: Promise<Value>): Promise<{ readonly value: Value; readonly isNewest: boolean }>;
}

export function createUpdateGate(): UpdateGate {
  let events = 0;
  return {
    countEvent() {
      events += 1;
    },
    async wait(answer) {
      const before = events;
      const value = await answer;
      return { value, isNewest: events === before };
    },
  };
}

export interface NewestRows<Row> {
  /** Must be called with the rows of every event. */
  countEvent(rows: readonly Row[]): void;
  /** Awaits rows. Those that an event brought meanwhile are replaced by the row of the event, which is at least as new. */
  wait(answer: Promise<readonly Row[]>): Promise<Row[]>;
}

/** The same for rows with IDs, of which an event changes only some. */
export function createNewestRows<Row extends { readonly id: string }>(): NewestRows<Row> {
  const changes = new Map<string, { readonly event: number; readonly row: Row }>();
  let events = 0;
  return {
    countEvent(rows) {
      events += 1;
      for (const row of rows) changes.set(row.id, { event: events, row });
    },
    async wait(answer) {
      const before = events;
      const rows = await answer;
      return rows.map((row) => {
        const change = changes.get(row.id);
        return change && change.event > before ? change.row : row;
      });
    },
  };
}
