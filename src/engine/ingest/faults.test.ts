import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { whyNoRtspServer } from './testing/rtsp-server.ts';
import { faults } from './testing/fault-server.ts';
import { FaultStage } from './testing/fault-stage.ts';

const lacking = whyNoRtspServer();
const folder = mkdtempSync(join(tmpdir(), 'nightshift-faults-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Each fault hits a camera of its own, all at once; three others see the same server without a proxy. */
test(
  'every fault of a camera is noticed or survived, told in words, and over soon after its end; others go on',
  { timeout: 90_000 },
  async (context) => {
    context.skip(lacking !== null, lacking ?? '');
    await using stage = await FaultStage.open(folder, { silentMs: 1000, frozenMs: 1000, bystanders: 3 });
    const rounds = await Promise.all(faults.map((fault) => stage.round(fault, { faultMs: 4000 })));
    for (const { name, reasons, recoveredMs, words, picturesPerSecond } of rounds) {
      const about = `${name}: ${reasons.join(' | ')}`;
      if (words === null) {
        expect(reasons, about).toEqual([]);
        // Ten are sent; how many a busy machine decodes is not the question.
        expect(picturesPerSecond, about).toBeGreaterThan(1);
      } else {
        expect(reasons[0], about).toMatch(words.first);
        for (const reason of reasons.slice(1)) expect(reason, about).toMatch(words.then);
      }
      expect(recoveredMs, about).toBeLessThan(15_000);
      // Tried again in turn, never in a storm.
      expect(reasons.length, about).toBeLessThanOrEqual(12);
    }
    expect(stage.bystanders.map(({ closed }) => closed)).toEqual([0, 0, 0]);
    for (const { longestGapMs } of stage.bystanders) expect(longestGapMs).toBeLessThan(2000);
  },
);
