import type { Database } from 'better-sqlite3';

/** One step forward. It runs inside a transaction of its own, which also raises `user_version`. */
export interface Migration {
  /** Strictly increasing; multiples of ten leave room for a fix between two that shipped. */
  readonly version: number;
  readonly name: string;
  readonly up: (db: Database) => void;
}
