import type { Migration } from './migration.ts';

const tables = `
CREATE TABLE picture_reviews (
  -- One row: a picture that a program sent in for review. Its file is kept in the data folder while it is pending.
  pk INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  created_ms INTEGER NOT NULL,         -- epoch ms
  state TEXT NOT NULL CHECK (state IN ('pending', 'final', 'failed')),
  model TEXT NOT NULL,
  score REAL,                          -- null: the model's own
  classes TEXT,                        -- JSON list of labels; null: the model's own
  file TEXT NOT NULL,                  -- name inside the folder of reviews
  provisional TEXT NOT NULL,           -- JSON (PictureAnswer)
  final TEXT,                          -- JSON (FinalAnswer)
  changed INTEGER,                     -- 0 or 1, with final
  reason TEXT,                         -- why it failed
  webhook_url TEXT,
  webhook TEXT NOT NULL CHECK (webhook IN ('none', 'due', 'delivered', 'given-up'))
) STRICT;
CREATE INDEX picture_reviews_open ON picture_reviews (pk) WHERE state = 'pending';
CREATE INDEX picture_reviews_due ON picture_reviews (pk) WHERE webhook = 'due';

CREATE TABLE picture_review_counts (
  -- One row: what became of all reviews, also of those that are kept no more.
  one INTEGER PRIMARY KEY CHECK (one = 1),
  final INTEGER NOT NULL DEFAULT 0,
  changed INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0,
  delivered INTEGER NOT NULL DEFAULT 0,
  given_up INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO picture_review_counts (one) VALUES (1);
`;

export const pictureReviews: Migration = {
  version: 30,
  name: 'picture-reviews',
  up: (db) => {
    db.exec(tables);
  },
};
