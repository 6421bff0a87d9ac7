/** Holds the lease of a run until it is killed. Arguments: database file, run ID. */

import Database from 'better-sqlite3';
import { describeError } from '../../../shared/text/describeError.ts';
import { acquireLease } from '../../../main/store/runs/leases.ts';

const db = new Database(process.argv[2]);
db.pragma('foreign_keys = ON');
try {
  acquireLease(db, process.argv[3]);
  console.log(`held by ${process.pid}`);
  setInterval(() => undefined, 1000);
} catch (error) {
  console.log(`refused: ${describeError(error)}`);
}
