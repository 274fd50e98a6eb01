import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { redactAddresses } from '../shared/redact-addresses.ts';
import type { Log } from './ports.ts';

const MAX_BYTES = 5 * 1024 * 1024;

/**
 * `<data>/logs/nightshift.log`: one JSON object a line, credentials in addresses redacted, one older file kept. Written
 * synchronously: a few lines a minute, and the last one before a crash is the one that is needed.
 */
export function fileLog(dataDir: string): Log {
  const folder = join(dataDir, 'logs');
  const file = join(folder, 'nightshift.log');
  const write = (level: string, message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (existsSync(file) && statSync(file).size > MAX_BYTES) renameSync(file, `${file}.1`);
      const line = JSON.stringify({ at: new Date().toISOString(), level, message, ...fields }, (_, value: unknown) =>
        typeof value === 'string' ? redactAddresses(value) : value,
      );
      appendFileSync(file, `${line}\n`, { mode: 0o600 });
    } catch {
      // A full or read-only disk must not stop the cameras; the store says so where an operator sees it.
    }
  };
  return {
    info: (message, fields) => {
      write('info', message, fields);
    },
    warn: (message, fields) => {
      write('warn', message, fields);
    },
    error: (message, fields) => {
      write('error', message, fields);
    },
  };
}
