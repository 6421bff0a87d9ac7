/** Migrates a database to a schema whose second statement kills the process. Argument: database file. */

import Database from 'better-sqlite3';
import { migrate, migrations } from '../../../main/store/database/migrate.ts';

const db = new Database(process.argv[2]);
db.pragma('journal_mode = WAL');
db.function('die', () => process.kill(process.pid, 'SIGKILL'));
migrate(db, [
  ...migrations,
  { version: migrations.length + 1, sql: "UPDATE runs SET name = 'changed'; SELECT die();" },
]);
