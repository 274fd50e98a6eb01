import type { CameraStatus } from '../../shared/domain/camera.ts';
import type { LanesSnapshot } from '../../shared/domain/lanes.ts';
import type { LoadTestMinute } from '../../shared/domain/load-test.ts';
import { LatencyTally } from './latency-tally.ts';

/** What the machine looked like in one second. */
export interface MachineSecond {
  readonly hostBytes: number;
  readonly engineBytes: number | null;
  readonly mainLoopP99Ms: number;
}

interface Counts {
  readonly captured: number;
  readonly analysed: number;
  readonly dropped: Readonly<Record<string, number>>;
}

/** The figures of one minute of a load test, or of one step of a ramp. */
export class Stretch {
  readonly latencies = new LatencyTally();
  readonly #startedMonoMs: number;
  readonly #before: Counts;
  #seconds = 0;
  #liveShare = 0;
  #archiveShare = 0;
  #archiveFrames = 0;
  #archiveSeen: number | null = null;
  #worst: MachineSecond = { hostBytes: 0, engineBytes: null, mainLoopP99Ms: 0 };

  constructor(nowMonoMs: number, statuses: readonly CameraStatus[]) {
    this.#startedMonoMs = nowMonoMs;
    this.#before = sumOf(statuses);
  }

  lengthMs(nowMonoMs: number): number {
    return nowMonoMs - this.#startedMonoMs;
  }

  /** Once a second. */
  second(lanes: LanesSnapshot, machine: MachineSecond): void {
    this.#seconds += 1;
    this.#liveShare += lanes.slot.live;
    this.#archiveShare += lanes.slot.archive;
    // The lane counts from the engine's start: a smaller number means that there is a new one.
    const seen = lanes.archive.frames;
    if (this.#archiveSeen !== null) this.#archiveFrames += seen >= this.#archiveSeen ? seen - this.#archiveSeen : seen;
    this.#archiveSeen = seen;
    const { hostBytes, engineBytes, mainLoopP99Ms } = this.#worst;
    this.#worst = {
      hostBytes: Math.max(hostBytes, machine.hostBytes),
      engineBytes: machine.engineBytes === null ? engineBytes : Math.max(engineBytes ?? 0, machine.engineBytes),
      mainLoopP99Ms: Math.max(mainLoopP99Ms, machine.mainLoopP99Ms),
    };
  }

  figures(minute: number, fps: number, nowMonoMs: number, statuses: readonly CameraStatus[]): LoadTestMinute {
    const now = sumOf(statuses);
    const seconds = this.lengthMs(nowMonoMs) / 1000;
    const dropped = Object.fromEntries(
      Object.entries(now.dropped)
        .map(([reason, count]) => [reason, count - (this.#before.dropped[reason] ?? 0)] as const)
        .filter(([, count]) => count > 0),
    );
    // Frames that wait have neither kept nor broken their promise.
    const settled = this.latencies.results + Object.values(dropped).reduce((sum, count) => sum + count, 0);
    const measured = Math.max(1, this.#seconds);
    return {
      minute,
      seconds,
      cameras: statuses.length,
      fps,
      captured: now.captured - this.#before.captured,
      analysed: now.analysed - this.#before.analysed,
      dropped,
      latencyMs: this.latencies.quantiles(),
      sloAttainment: settled === 0 ? 0 : this.latencies.inTime / settled,
      // The first second only set the mark from which the archive's frames are counted.
      archivePerSecond: this.#archiveFrames / Math.max(1, this.#seconds - 1),
      slotShare: { live: this.#liveShare / measured, archive: this.#archiveShare / measured },
      ...this.#worst,
    };
  }
}

function sumOf(statuses: readonly CameraStatus[]): Counts {
  const dropped: Record<string, number> = {};
  let [captured, analysed] = [0, 0];
  for (const status of statuses) {
    captured += status.captured;
    analysed += status.analysed;
    for (const [reason, count] of Object.entries(status.dropped)) dropped[reason] = (dropped[reason] ?? 0) + count;
  }
  return { captured, analysed, dropped };
}
