import { toErrorValue } from '../shared/errors.ts';
import type { ExitCode } from './exit-code.ts';
import { openSession, type SessionOptions } from './open-session.ts';
import type { Session } from './session.ts';

/**
 * Runs a command against the application and puts it away again. An owner that ends in the middle of what it carries
 * out for us (another `scan` that is done) leaves the data folder free: the command is then begun again here, and finds
 * what is committed.
 */
export async function withSession(
  options: SessionOptions,
  work: (session: Session) => Promise<ExitCode>,
): Promise<ExitCode> {
  for (;;) {
    const session = await openSession(options);
    try {
      return await work(session);
    } catch (caught) {
      if (session.owned || toErrorValue(caught).kind !== 'owned-elsewhere') throw caught;
      options.terminal.say('Its owner has ended; this goes on here.');
    } finally {
      await session.close();
    }
  }
}
