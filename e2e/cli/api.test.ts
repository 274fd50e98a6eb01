import { expect, test } from 'vitest';
import { Command } from './command.ts';

interface Row {
  readonly mode: string;
  readonly windowMs: number;
  readonly maxBatch: number;
  readonly sent: number;
  readonly answered: number;
  readonly refused: number;
  readonly late: number;
}

test('the picture API one a call and micro-batched: all are answered or refused, with the boxes of a scan', async () => {
  const command = new Command([
    ...['loadtest', '--api', '--rate', '10', '--seconds', '1', '--arrivals', 'steady', '--deadline', '60000'],
    ...['--tier', 'fast', '--max-batch', '4', '--json'],
  ]);
  const { code, json, stderr } = await command.finished<{
    readonly rows: readonly Row[];
    readonly boxesEqual: boolean;
    readonly winner: string;
    readonly why: string;
  }>();
  expect(code, stderr).toBe(0);
  expect(json.rows.map(({ mode, windowMs, maxBatch }) => [mode, windowMs, maxBatch])).toEqual([
    ['batch-1', 0, 1],
    ['micro-batched', 25, 4],
  ]);
  for (const { sent, answered, refused, late } of json.rows) {
    expect(sent).toBe(10);
    expect(answered + refused).toBe(sent);
    expect(answered).toBeGreaterThan(0);
    expect(late).toBeLessThanOrEqual(refused);
  }
  expect(json.boxesEqual).toBe(true);
  expect(['batch-1', 'micro-batched', 'neither']).toContain(json.winner);
  expect(json.why).toContain('of the device');
});
