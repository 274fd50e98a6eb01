import { expect, test } from 'vitest';
import { driveTickets } from '../testing/ticket-drive.ts';

declare const process: { cpuUsage(): { readonly user: number } };
declare const console: { info(text: string): void };

function nsPerTicket(cameras: number, tickets: number): number {
  const { ran, nsPerTicket: ns } = driveTickets(cameras, tickets, () => process.cpuUsage().user);
  expect(ran).toBe(tickets - Math.ceil(cameras / 2));
  return ns;
}

test('a ticket costs about the same at a thousand cameras as at one', () => {
  nsPerTicket(100, 50_000); // lets the compiler settle
  const one = nsPerTicket(1, 200_000);
  const thousand = nsPerTicket(1_000, 1_000_000);
  console.info(`scheduler: ${one.toFixed(0)} ns a ticket at 1 camera, ${thousand.toFixed(0)} ns at 1,000 cameras`);
  // Far above what is measured, so that a busy machine does not fail it; a search through all cameras would.
  expect(thousand).toBeLessThan(10_000);
  expect(thousand).toBeLessThan(10 * one);
});
