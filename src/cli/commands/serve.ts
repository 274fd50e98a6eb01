import { execFile } from 'node:child_process';
import type { CameraStatus } from '../../shared/domain/camera.ts';
import type { JobSummary } from '../../shared/domain/job.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { openOwn } from '../open-session.ts';
import { hostPaths } from '../paths.ts';
import { bar, type Terminal } from '../terminal.ts';

export interface ServeOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly open: boolean;
}

/** The application without Electron, until interrupted; prints its URL and keeps a live status line in the terminal. */
export async function serve({ dataDir, port, open }: ServeOptions, terminal: Terminal): Promise<ExitCode> {
  const { rendererDir } = hostPaths();
  const { session, gateway } = await openOwn({ dataDir, terminal, port, rendererDir, cameras: true, resumeJobs: true });
  process.stdout.write(terminal.json ? `${JSON.stringify({ url: gateway.url })}\n` : `Nightshift: ${gateway.url}\n`);
  if (open) openBrowser(gateway.createPassUrl(), terminal);

  let cameras: readonly CameraStatus[] = [];
  let job: JobSummary | null = null;
  const undo = session.subscribe((message) => {
    if (message.event === 'cameras.status') cameras = message.payload;
    else if (message.event === 'jobs.progress') job = message.payload;
    else if (message.event !== 'engine.state') return;
    if (message.event === 'engine.state' && message.payload.state === 'lost') terminal.say(message.payload.detail);
    terminal.status(statusLine(cameras, job));
  });
  await new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  undo();
  terminal.endStatus();
  terminal.say('Nightshift is stopping: results are committed, jobs go on at the next start.');
  await session.close();
  return exitCode.done;
}

function statusLine(cameras: readonly CameraStatus[], job: JobSummary | null): string {
  const on = cameras.filter((camera) => camera.state !== 'disabled');
  const live = on.filter((camera) => camera.state === 'live');
  const p95 = Math.max(0, ...live.map((camera) => camera.latencyMs?.p95 ?? 0));
  const promised = Math.min(...live.map((camera) => camera.sloMs));
  const cameraText =
    on.length === 0
      ? 'no cameras'
      : `${String(live.length)}/${String(on.length)} live${live.length === 0 ? '' : ` · worst p95 ${p95.toFixed(0)} of ${String(promised)} ms`}`;
  const jobText =
    job === null || job.progress === null
      ? ''
      : ` │ ${job.name} ${job.state === 'running' ? bar(job.progress, 12) : job.state} · found ${String(job.detections)}`;
  return `${cameraText}${jobText}`;
}

/** Best effort: the URL is printed in any case. */
function openBrowser(url: string, terminal: Terminal): void {
  const [command, ...args] =
    process.platform === 'darwin'
      ? ['open', url]
      : process.platform === 'win32'
        ? ['rundll32', 'url.dll,FileProtocolHandler', url]
        : ['xdg-open', url];
  const hasDisplay =
    process.platform !== 'linux' ||
    process.env['DISPLAY'] !== undefined ||
    process.env['WAYLAND_DISPLAY'] !== undefined;
  if (command === undefined || !hasDisplay) {
    terminal.say('There is no display here: open the address in a browser on this machine.');
    return;
  }
  execFile(command, args, { timeout: 10_000 }, (error) => {
    if (error !== null) terminal.say('No browser could be opened: open the address yourself.');
  });
}
