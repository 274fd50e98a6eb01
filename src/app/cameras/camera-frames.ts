import type { Clock } from '../../core/ports.ts';
import {
  accountStatus,
  countAnalysed,
  countCaptured,
  countDropped,
  countInherited,
  countLost,
  createCameraAccount,
} from '../../core/scheduler/camera-account.ts';
import type { Camera, CameraStatus } from '../../shared/domain/camera.ts';
import type { FoundBoxes } from '../../shared/domain/detection.ts';
import type { Ticket, UnchangedFrame } from '../../shared/engine/protocol.ts';
import type { EventBus } from '../event-bus.ts';
import type { FrameSink } from '../lanes/frame-sink.ts';
import { InheritedResults, type FrameOutcome } from './inherited-results.ts';
import type { LiveResults } from './live-results.ts';

/** The analysed rate is read over this long. */
const RATE_WINDOW_MS = 5_000;

/** What became of one camera's frames: captured = analysed + dropped(reason) at every moment at which nothing waits. */
export class CameraFrames {
  readonly #camera: Camera;
  readonly #results: LiveResults;
  readonly #clock: Clock;
  readonly #bus: EventBus;
  readonly #account = createCameraAccount();
  readonly #inherited = new InheritedResults();
  #analysedMonoMs: number[] = [];

  constructor(camera: Camera, results: LiveResults, { clock, bus }: { clock: Clock; bus: EventBus }) {
    this.#camera = camera;
    this.#results = results;
    this.#clock = clock;
    this.#bus = bus;
  }

  get sink(): FrameSink {
    return {
      captured: (ticket) => {
        countCaptured(this.#account);
        this.#inherited.captured(ticket);
      },
      analysed: (ticket, detections, _run, faint) => {
        this.#settled(ticket, { is: 'analysed', found: { detections, faint } });
      },
      dropped: (ticket, reason) => {
        this.#settled(ticket, { is: 'dropped', reason });
      },
      unchanged: (frame) => {
        countCaptured(this.#account);
        const outcome = this.#inherited.unchanged(frame);
        if (outcome !== null) this.#ended(frame, outcome);
      },
      lost: (reason, count, capturedAtMs) => {
        if (count > 0) countLost(this.#account, reason, count);
        this.#results.shed?.(capturedAtMs);
      },
    };
  }

  get status(): Pick<CameraStatus, 'analysedFps' | 'freshnessMs' | keyof ReturnType<typeof accountStatus>> {
    const { newestCommittedMs } = this.#results;
    return {
      analysedFps: this.#analysedFps(),
      ...accountStatus(this.#account, this.#clock.monoMs()),
      freshnessMs:
        newestCommittedMs === null ? null : Math.max(0, Math.round(this.#clock.epochMs() - newestCommittedMs)),
    };
  }

  /** Those that are the same as it share its fate. */
  #settled(ticket: Ticket, outcome: FrameOutcome): void {
    this.#ended(ticket, outcome);
    for (const frame of this.#inherited.settled(ticket, outcome)) this.#ended(frame, outcome);
  }

  #ended(frame: Ticket | UnchangedFrame, outcome: FrameOutcome): void {
    if (outcome.is === 'analysed') this.#analysed(frame, outcome.found);
    else {
      countDropped(this.#account, outcome.reason);
      this.#results.shed?.([frame.capturedAtMs]);
    }
  }

  #analysed(ticket: Ticket | UnchangedFrame, found: FoundBoxes): void {
    const now = this.#clock.monoMs();
    if ('sameAs' in ticket) countInherited(this.#account);
    countAnalysed(this.#account, now - ticket.capturedMonoMs, this.#camera.sloMs, now);
    this.#analysedMonoMs.push(now);
    const tracked = this.#results.analysed(ticket, found);
    this.#bus.emit('cameras.result', {
      cameraId: this.#camera.id,
      capturedAtMs: ticket.capturedAtMs,
      width: ticket.sourceWidth,
      height: ticket.sourceHeight,
      detections: tracked,
    });
  }

  #analysedFps(): number | null {
    const now = this.#clock.monoMs();
    this.#analysedMonoMs = this.#analysedMonoMs.filter((at) => now - at <= RATE_WINDOW_MS);
    const first = this.#analysedMonoMs[0];
    if (first === undefined || now - first < 500) return null;
    return (this.#analysedMonoMs.length * 1000) / Math.max(now - first, 1000);
  }
}
