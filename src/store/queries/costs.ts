import type { LadderCost } from '../../shared/domain/lanes.ts';
import type { Operation } from '../store-context.ts';
import { inTransaction } from '../in-transaction.ts';

export const loadCosts: Operation<'costs.load'> = ({ db }) => {
  const select = db.prepare(
    `SELECT model_id AS modelId, model_sha256 AS modelSha256, input, lane, batch, q50_ms AS q50Ms, q95_ms AS q95Ms,
       samples FROM costs WHERE device = ? AND provider = ? ORDER BY model_sha256, input, lane, batch`,
  );
  return ({ device, provider }) => select.all(device, provider) as (LadderCost & { modelSha256: string })[];
};

export const saveCosts: Operation<'costs.save'> = ({ db }) => {
  const upsert = db.prepare('INSERT OR REPLACE INTO costs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  return inTransaction(db, ({ device, provider, costs }) => {
    for (const c of costs) {
      upsert.run(device, provider, c.modelSha256, c.input, c.lane, c.batch, c.modelId, c.q50Ms, c.q95Ms, c.samples);
    }
  });
};

export const forgetCosts: Operation<'costs.forget'> = ({ db }) => {
  const forget = db.prepare(
    'DELETE FROM costs WHERE device = ? AND provider = ? AND model_sha256 = ? AND input = ? AND lane = ?',
  );
  return ({ device, provider, modelSha256, input, lane }) => {
    forget.run(device, provider, modelSha256, input, lane);
  };
};
