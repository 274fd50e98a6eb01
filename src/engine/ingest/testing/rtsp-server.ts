import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface RtspMount {
  /** E.g. `/gate`. */
  readonly path: string;
  readonly codec: 'h264' | 'h265' | 'mjpeg';
  /** A file of `writeAccessUnits`; shown round and round. */
  readonly units: string;
  readonly fps: number;
  /** Others are refused with 461. */
  readonly transports: readonly ('tcp' | 'udp')[];
  /** Its second picture comes so much later; left out: 0. Cameras of one server do not take their pictures together. */
  readonly phaseMs?: number;
}

export interface RtspLogin {
  readonly method: 'basic' | 'digest';
  readonly user: string;
  readonly password: string;
}

const script = fileURLToPath(new URL('./rtsp-server.py', import.meta.url));
/** Not the first on the path: GStreamer's bindings are Debian's, and belong to Debian's Python. */
const python = '/usr/bin/python3';

/** What a machine lacks for `RtspServer`, or null. The packages are named in CONTRIBUTING.md. */
export function whyNoRtspServer(): string | null {
  const tried = spawnSync(python, ['-c', needed], { stdio: 'ignore' });
  return tried.status === 0 ? null : 'GStreamer with its RTSP server and Python bindings is not installed';
}
const needed = `
import sys, gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
sys.exit(any(Gst.ElementFactory.find(name) is None for name in ["h264parse", "h265parse", "rtph265pay", "rtpjpegpay"]))
`;

/** GStreamer's RTSP server on loopback, in a process of its own that ends with this one. */
export class RtspServer {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #login: RtspLogin | null;

  private constructor(child: ChildProcess, port: number, login: RtspLogin | null) {
    this.#child = child;
    this.port = port;
    this.#login = login;
  }

  /** @param port 0: any that is free. */
  static async start(
    mounts: readonly RtspMount[],
    { login = null, port = 0 }: { readonly login?: RtspLogin | null; readonly port?: number } = {},
  ): Promise<RtspServer> {
    const child = spawn(python, [script, JSON.stringify({ port, mounts, login })], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the RTSP server ended with ${String(code)}`);
    });
    ended.catch(() => {});
    const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as [string];
    return new RtspServer(child, (JSON.parse(line) as { port: number }).port, login);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** With the login, unless another is given. */
  url(path: string, login: { readonly user: string; readonly password: string } | null = this.#login): string {
    const before = login === null ? '' : `${login.user}:${login.password}@`;
    return `rtsp://${before}127.0.0.1:${String(this.port)}${path}`;
  }

  /** From now on the path shows other access units, to those also that watch it already. */
  show(path: string, units: string): void {
    this.#child.stdin?.write(`${JSON.stringify({ path, units })}\n`);
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
