import { readdirSync, readFileSync } from 'node:fs';

/** What a process holds at a moment. */
export interface ProcessLook {
  readonly residentMb: number;
  /** Open files, sockets and pipes. */
  readonly handles: number;
  readonly threads: number;
}

/** By the kernel's own books; Linux only. */
export function lookAt(pid: number): ProcessLook {
  const status = readFileSync(`/proc/${String(pid)}/status`, 'utf8');
  const number = (name: string): number => Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? NaN);
  return {
    residentMb: number('VmRSS') / 1024,
    handles: readdirSync(`/proc/${String(pid)}/fd`).length,
    threads: number('Threads'),
  };
}
