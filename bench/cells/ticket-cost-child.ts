import { driveTickets } from '../../src/core/testing/ticket-drive.ts';

/**
 * What the scheduler itself costs, in ns of this process's time a ticket. In a process of its own: nothing else has shaped
 * the compiler's choices. Argument: number of tickets.
 */
const tickets = Number(process.argv[2] ?? 300_000);
const nsPerTicket = (cameras: number, count: number): number =>
  driveTickets(cameras, count, () => process.cpuUsage().user).nsPerTicket;

for (const cameras of [100, 1, 1_000]) nsPerTicket(cameras, tickets); // lets the compiler settle: it is timed as well
const one = nsPerTicket(1, tickets);
const thousand = nsPerTicket(1_000, tickets);
console.log(JSON.stringify({ one, thousand }));
