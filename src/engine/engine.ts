import { availableParallelism } from 'node:os';
import type { Clock } from '../core/ports.ts';
import {
  engineProtocolVersion,
  type EngineFault,
  type EngineRequest,
  type ToEngine,
} from '../shared/engine/protocol.ts';
import { describeError, NightshiftError } from '../shared/errors.ts';
import { Arrivals } from './arrivals.ts';
import type { HostChannel } from './host-channel.ts';
import { MediaFault } from './ingest/media-fault.ts';
import type { Ingest } from './ingest/ports.ts';
import { Slot } from './slot.ts';

type Command<T extends ToEngine['type']> = Extract<ToEngine, { type: T }>;

/** The outside world of the engine, handed in by its entry. */
export interface EngineEnvironment {
  readonly channel: HostChannel;
  readonly clock: Clock;
  readonly createIngest: (settings: Command<'configure'>) => Ingest;
  readonly versions: () => Readonly<Record<string, string>>;
  /** Ends the process. `clean` is false where a worker sits in a native read and would hold up an orderly exit. */
  readonly exit: (clean: boolean) => void;
}

interface Received {
  readonly command: ToEngine;
  readonly monoMs: number;
}

/** How long ingest may take to end its workers. The host waits 2 s before it kills. */
const closeTimeoutMs = 1_000;

/**
 * Carries the control plane's commands out, strictly one after the other: while a batch is in the device nothing else
 * is begun, so nobody can take a frame away from under it. Requests about files are only started in this order. Two
 * things do not wait in line: the end, and what ingest brings while the slot is idle.
 */
export class Engine {
  readonly #environment: EngineEnvironment;
  readonly #waiting: Received[] = [];
  #working = false;
  #ending = false;
  #parts: { readonly ingest: Ingest; readonly slot: Slot; readonly arrivals: Arrivals } | null = null;

  constructor(environment: EngineEnvironment) {
    this.#environment = environment;
    environment.channel.onMessage((command) => this.#receive(command));
    environment.channel.onClose(() => void this.#end());
  }

  #receive(command: ToEngine): void {
    if (command.type === 'stop') {
      void this.#end();
      return;
    }
    this.#waiting.push({ command, monoMs: this.#environment.clock.monoMs() });
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    for (let next = this.#waiting.shift(); next !== undefined && !this.#ending; next = this.#waiting.shift()) {
      await this.#carryOut(next);
    }
    this.#working = false;
  }

  async #carryOut({ command, monoMs }: Received): Promise<void> {
    if (command.type === 'configure') {
      this.#configure(command);
      return;
    }
    if (this.#parts === null) throw new Error(`the engine was told to ${command.type} before it was configured`);
    const { ingest, slot, arrivals } = this.#parts;
    switch (command.type) {
      case 'run':
        this.#environment.channel.send(await slot.run(command, monoMs));
        arrivals.settle();
        return;
      case 'request': {
        const answered = this.#answer(command);
        if (usesSlot(command.request)) await answered;
        return;
      }
      case 'discard':
        ingest.discard(command.frameIds);
        return;
      case 'archive-window':
        ingest.setArchiveWindow(command.frames);
        return;
      case 'open-camera':
        ingest.openCamera(command);
        return;
      case 'close-camera':
        ingest.closeCamera(command.cameraId);
        return;
      case 'watch-camera':
        ingest.watchCamera(command);
        return;
      case 'stream-camera':
        ingest.streamCamera(command);
        return;
      case 'record-camera':
        ingest.recordCamera(command);
        return;
      case 'record-until':
        ingest.recordUntil(command);
        return;
      case 'play-recording':
        ingest.playRecording(command);
        return;
      case 'stop-playing':
        ingest.stopPlaying(command.session);
        return;
      case 'feed-item':
        ingest.feedItem(command);
        return;
      case 'feed-picture':
        ingest.feedPicture(command);
        return;
      case 'drop-item':
        ingest.dropItem(command.item);
        return;
      case 'stop':
        return;
      default:
        command satisfies never;
    }
  }

  #configure(settings: Command<'configure'>): void {
    if (this.#parts !== null) throw new Error('the engine was configured twice');
    const { channel, clock, createIngest, versions } = this.#environment;
    const ingest = createIngest(settings);
    const arrivals = new Arrivals(ingest, (message) => channel.send(message));
    this.#parts = { ingest, arrivals, slot: new Slot(ingest, arrivals, settings, clock) };
    channel.send({
      type: 'ready',
      protocol: engineProtocolVersion,
      pid: process.pid,
      cores: availableParallelism(),
      versions: versions(),
    });
  }

  async #answer({ requestId, request }: Command<'request'>): Promise<void> {
    const { channel } = this.#environment;
    try {
      channel.send({ type: 'reply', requestId, value: await this.#valueOf(request) });
    } catch (caught) {
      channel.send({ type: 'refused', requestId, fault: faultOf(caught) });
    }
  }

  async #valueOf(request: EngineRequest) {
    const { ingest, slot } = this.#parts!;
    switch (request.type) {
      case 'load-model':
        return slot.load(request);
      case 'warm':
        return slot.warm(request);
      case 'measure-provider':
        return slot.measure(request);
      case 'inspect':
        return ingest.inspect(request.path);
      case 'still':
        return { jpeg: await ingest.still(request.path, request.timeMs, request.maxWidth) };
      case 'probe':
      case 'discover-cameras':
      case 'onvif-streams':
      case 'try-decoder':
        return ingest.look(request);
      case 'export-recording':
        return ingest.exportRecording(request);
      case 'mend-recording':
        return ingest.mendRecording(request.path);
      case 'snapshot':
        return { jpeg: ingest.snapshot(request.cameraId, request.capturedAtMs) };
    }
  }

  async #end(): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    const { exit } = this.#environment;
    if (this.#parts === null) {
      exit(true);
      return;
    }
    const late = new Promise<'late'>((resolve) => setTimeout(resolve, closeTimeoutMs * 1.2, 'late'));
    const closed = this.#parts.ingest.close(closeTimeoutMs).then(
      () => 'closed',
      () => 'failed',
    );
    exit((await Promise.race([closed, late])) === 'closed');
  }
}

/** Requests that make native calls on the device. */
function usesSlot(request: EngineRequest): boolean {
  return request.type === 'load-model' || request.type === 'warm' || request.type === 'measure-provider';
}

function faultOf(caught: unknown): EngineFault {
  if (caught instanceof MediaFault) return { kind: caught.kind, message: caught.message };
  if (caught instanceof NightshiftError) {
    return { kind: caught.kind === 'model-rejected' ? caught.kind : 'internal', message: describeError(caught) };
  }
  return { kind: 'internal', message: caught instanceof Error ? caught.message : String(caught) };
}
