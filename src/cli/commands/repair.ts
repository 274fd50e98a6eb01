import type { JobSummary } from '../../shared/domain/job.ts';
import type { CameraRecording } from '../../shared/domain/recording.ts';
import { lostFrames, shedText } from '../../shared/domain/repair.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { call, type Session } from '../session.ts';
import type { Terminal } from '../terminal.ts';

const askEveryMs = 1_000;

/**
 * Waits until nothing is left that can be repaired, and says what became of the frames. Where another process owns the data
 * folder that one repairs, beside whatever else it does.
 */
export async function repairCommand(
  session: Session,
  terminal: Terminal,
  { camera: wanted }: { readonly camera?: string },
): Promise<ExitCode> {
  await call(session, 'repairs.start', undefined);
  for (;;) {
    const { cameras: settings, jobs } = await call(session, 'app.overview', undefined);
    const { cameras } = await call(session, 'recordings.status', undefined);
    const asked = cameras.filter(({ cameraId }) => wanted === undefined || cameraId === wanted);
    if (asked.length === 0 && wanted !== undefined) {
      terminal.say(`There is no camera ${wanted}: see \`nightshift cameras list\`.`);
      return exitCode.failed;
    }
    const isOn = ({ cameraId }: CameraRecording): boolean =>
      settings.find(({ id }) => id === cameraId)?.repair === true;
    const left = asked.filter(isOn).reduce((sum, { repair }) => sum + repair.left, 0);
    if (left === 0) {
      const shed = asked.filter(({ repair }) => repair.shed > 0);
      const result = { cameras: shed.map(({ cameraId, name, repair }) => ({ cameraId, name, ...repair })) };
      terminal.result(result, () =>
        shed.length === 0
          ? ['Every frame of the last day was analysed live.']
          : shed.map((one) => `${one.name}: ${shedText(one.repair)}${isOn(one) ? '' : '; repairing is switched off'}`),
      );
      return shed.some(({ repair }) => lostFrames(repair) > 0) ? exitCode.someFailed : exitCode.done;
    }
    terminal.status(`${String(left)} frames still to repair${waiting(jobs, wanted)}`);
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
}

/** Why none of them is being repaired right now; empty: one is, or nothing is known. */
function waiting(jobs: readonly JobSummary[], wanted: string | undefined): string {
  const repairs = jobs.filter(({ repair }) => repair !== undefined && (wanted ?? repair.cameraId) === repair.cameraId);
  if (repairs.some(({ state }) => state === 'running')) return '';
  const reason = repairs.find(({ state }) => state === 'queued')?.reason ?? null;
  return reason === null ? '' : `. ${reason}`;
}
