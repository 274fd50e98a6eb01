// Writes src/store/schema.sql from a database that all migrations have made; `--check` only compares.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDatabase } from '../src/store/open-database.ts';
import { dumpSchema } from '../src/store/dump-schema.ts';

const target = fileURLToPath(new URL('../src/store/schema.sql', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'nightshift-schema-'));
try {
  const db = openDatabase({ file: join(folder, 'schema.db') });
  const schema = dumpSchema(db);
  db.close();
  if (!process.argv.includes('--check')) {
    writeFileSync(target, schema);
    console.log(`wrote ${target}`);
  } else if (readFileSync(target, 'utf8') !== schema) {
    console.error('src/store/schema.sql differs from what the migrations make: run node scripts/dump-schema.mjs');
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
