import type { FinalAnswer, PictureAnswer } from '../../shared/domain/picture-api.ts';
import { inTransaction } from '../in-transaction.ts';
import type { StoredPictureReview } from '../operations.ts';
import type { Operation } from '../store-context.ts';

const columns = `id, created_ms AS createdAtMs, state, model, score, classes, file, provisional, final, changed, reason,
  webhook_url AS webhookUrl, webhook`;

interface Row {
  readonly id: string;
  readonly createdAtMs: number;
  readonly state: StoredPictureReview['state'];
  readonly model: string;
  readonly score: number | null;
  readonly classes: string | null;
  readonly file: string;
  readonly provisional: string;
  readonly final: string | null;
  readonly changed: number | null;
  readonly reason: string | null;
  readonly webhookUrl: string | null;
  readonly webhook: StoredPictureReview['webhook'];
}

const toReview = (row: Row): StoredPictureReview => ({
  ...row,
  classes: row.classes === null ? null : (JSON.parse(row.classes) as string[]),
  provisional: JSON.parse(row.provisional) as PictureAnswer,
  final: row.final === null ? null : (JSON.parse(row.final) as FinalAnswer),
  changed: row.changed === null ? null : row.changed === 1,
});

export const addPictureReview: Operation<'pictureReviews.add'> = ({ db }) => {
  const insert = db.prepare(
    `INSERT INTO picture_reviews (id, created_ms, state, model, score, classes, file, provisional, webhook_url, webhook)
     VALUES (?, ?, 'pending', ?, ?, ?, ?, ?, ?, 'none')`,
  );
  return ({ id, createdAtMs, model, score, classes, file, provisional, webhookUrl }) => {
    const labels = classes === null ? null : JSON.stringify(classes);
    insert.run(id, Math.round(createdAtMs), model, score, labels, file, JSON.stringify(provisional), webhookUrl);
  };
};

export const getPictureReview: Operation<'pictureReviews.get'> = ({ db }) => {
  const select = db.prepare(`SELECT ${columns} FROM picture_reviews WHERE id = ?`);
  return ({ id }) => {
    const row = select.get(id) as Row | undefined;
    return row === undefined ? null : toReview(row);
  };
};

export const openPictureReviews: Operation<'pictureReviews.open'> = ({ db }) => {
  const pending = db.prepare(`SELECT ${columns} FROM picture_reviews WHERE state = 'pending' ORDER BY pk`);
  const due = db.prepare(`SELECT ${columns} FROM picture_reviews WHERE webhook = 'due' ORDER BY pk`);
  return () => ({ pending: (pending.all() as Row[]).map(toReview), due: (due.all() as Row[]).map(toReview) });
};

export const settlePictureReview: Operation<'pictureReviews.settle'> = ({ db }) => {
  const settle = db.prepare(
    `UPDATE picture_reviews SET state = ?, final = ?, changed = ?, reason = ?,
       webhook = iif(webhook_url IS NULL, 'none', 'due')
     WHERE id = ? AND state = 'pending'`,
  );
  const count = db.prepare(
    'UPDATE picture_review_counts SET final = final + ?, changed = changed + ?, failed = failed + ?',
  );
  return inTransaction(db, ({ id, final, changed, reason }) => {
    const state = final === null ? 'failed' : 'final';
    const changedNumber = changed === null ? null : Number(changed);
    const { changes } = settle.run(state, final === null ? null : JSON.stringify(final), changedNumber, reason, id);
    if (changes === 1) count.run(Number(final !== null), changedNumber ?? 0, Number(final === null));
    return { isNew: changes === 1 };
  });
};

export const tellPictureReview: Operation<'pictureReviews.told'> = ({ db }) => {
  const tell = db.prepare("UPDATE picture_reviews SET webhook = ? WHERE id = ? AND webhook = 'due'");
  const count = db.prepare('UPDATE picture_review_counts SET delivered = delivered + ?, given_up = given_up + ?');
  return inTransaction(db, ({ id, delivered }) => {
    const { changes } = tell.run(delivered ? 'delivered' : 'given-up', id);
    if (changes === 1) count.run(Number(delivered), Number(!delivered));
  });
};

export const forgetPictureReviews: Operation<'pictureReviews.forget'> = ({ db }) => {
  const forget = db.prepare(
    `DELETE FROM picture_reviews WHERE state <> 'pending' AND webhook <> 'due' AND (created_ms < ? OR pk <= (
       SELECT pk FROM picture_reviews WHERE state <> 'pending' ORDER BY pk DESC LIMIT 1 OFFSET ?))`,
  );
  return ({ beforeMs, keep }) => ({ count: forget.run(Math.round(beforeMs), keep).changes });
};

export const countPictureReviews: Operation<'pictureReviews.counts'> = ({ db }) => {
  const select = db.prepare(
    `SELECT final, changed, failed, delivered, given_up AS givenUp,
       (SELECT count(*) FROM picture_reviews WHERE state = 'pending') AS pending FROM picture_review_counts`,
  );
  return () => select.get() as ReturnType<ReturnType<Operation<'pictureReviews.counts'>>>;
};
