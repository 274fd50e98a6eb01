import type { EngineExit } from '../app/ports.ts';

/** The signals that end an engine from outside or by a fault in native code. */
const signals = new Map([
  [4, 'SIGILL'],
  [6, 'SIGABRT'],
  [7, 'SIGBUS'],
  [8, 'SIGFPE'],
  [9, 'SIGKILL'],
  [11, 'SIGSEGV'],
  [15, 'SIGTERM'],
]);
const coreDumped = 0x80;

/**
 * Electron tells one number for the end of a utility process: the exit code, or, on POSIX, the raw wait status of a
 * signal, whose low bits are the signal and whose 0x80 a core dump. The engine itself exits with none of these numbers.
 */
export function utilityExit(status: number, platform: string): EngineExit {
  const signal = platform === 'win32' ? undefined : signals.get(status & ~coreDumped);
  return signal === undefined ? { code: status, signal: null } : { code: null, signal };
}
