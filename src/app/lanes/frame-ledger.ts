import type { DropReason } from '../../shared/domain/camera.ts';
import type { FrameResult, LostFrames, Ticket, UnchangedFrame } from '../../shared/engine/protocol.ts';
import { CameraDrains } from './camera-drains.ts';
import type { CameraLane, ItemLane } from './frame-owners.ts';
import type { FrameRun } from './frame-sink.ts';

/**
 * The frames that were announced and are not settled yet, and whom they belong to. A frame leaves when its end is known,
 * so that its owner is told one end only.
 */
export class FrameLedger {
  readonly #cameras = new Map<string, CameraLane>();
  readonly #items = new Map<string, ItemLane>();
  readonly #tickets = new Map<number, Ticket>();
  readonly #drains = new CameraDrains((cameraId) => this.#hasFrames(cameraId));

  get cameras(): Iterable<CameraLane> {
    return this.#cameras.values();
  }

  camera(cameraId: string): CameraLane | undefined {
    return this.#cameras.get(cameraId);
  }

  openCamera(camera: CameraLane): void {
    this.#cameras.set(camera.cameraId, camera);
  }

  /** What is inside a call now has nobody left to be told its result: it is dropped as `stopped`. */
  closeCamera(cameraId: string): void {
    for (const [frameId, ticket] of this.#tickets) {
      if (ticket.lane !== 'live' || ticket.source !== cameraId) continue;
      this.#tickets.delete(frameId);
      this.#cameras.get(cameraId)?.sink.dropped(ticket, 'stopped');
    }
    this.#cameras.delete(cameraId);
    this.#drains.closed(cameraId);
  }

  /** Resolves when it holds no frame of the camera, or after `limitMs`. */
  drainCamera(cameraId: string, limitMs: number): Promise<void> {
    return this.#drains.wait(cameraId, limitMs);
  }

  openItem(item: ItemLane): void {
    this.#items.set(item.item, item);
  }

  /** Its frames stay until they are forgotten. Undefined: it was not open. */
  closeItem(item: string): ItemLane | undefined {
    const owner = this.#items.get(item);
    this.#items.delete(item);
    return owner;
  }

  has(frameId: number): boolean {
    return this.#tickets.has(frameId);
  }

  /** The ticket under the name of the camera that it belongs to. */
  routed(ticket: Ticket): Ticket {
    const route = ticket.lane === 'live' ? this.#cameras.get(ticket.source)?.route : undefined;
    return route === undefined ? ticket : { ...ticket, source: route(ticket) };
  }

  ownerOf({ lane, source }: Pick<Ticket, 'lane' | 'source'>): CameraLane | ItemLane | undefined {
    return lane === 'live' ? this.#cameras.get(source) : this.#items.get(source);
  }

  enter(ticket: Ticket, owner: CameraLane | ItemLane): void {
    this.#tickets.set(ticket.frameId, ticket);
    owner.sink.captured(ticket);
  }

  /** Takes a frame out; its owner is still to be told. Undefined: it is not here (any more). */
  take(frameId: number): Ticket | undefined {
    const ticket = this.#tickets.get(frameId);
    this.#tickets.delete(frameId);
    return ticket;
  }

  /** `ticket`: as it was taken out. */
  tellAnalysed(ticket: Ticket, { detections, faint = [] }: FrameResult, run: FrameRun): void {
    this.ownerOf(ticket)?.sink.analysed(ticket, detections, run, faint);
    this.#lookForDrained(ticket);
  }

  tellDropped(ticket: Ticket, reason: DropReason): void {
    this.ownerOf(ticket)?.sink.dropped(ticket, reason);
    this.#lookForDrained(ticket);
  }

  /** Frames that never became tickets, because nothing changed in them. */
  tellUnchanged(frames: readonly UnchangedFrame[]): void {
    for (const frame of frames) this.ownerOf(frame)?.sink.unchanged?.(frame);
  }

  tellLost(lost: readonly LostFrames[]): void {
    for (const { source, reason, count, capturedAtMs = [] } of lost) {
      this.#cameras.get(source)?.sink.lost(reason, count, capturedAtMs);
    }
  }

  /** Nobody is told of them any more. */
  forget(tickets: readonly Ticket[]): void {
    for (const { frameId } of tickets) this.#tickets.delete(frameId);
  }

  forgetAll(): void {
    this.#tickets.clear();
  }

  #hasFrames(cameraId: string): boolean {
    for (const ticket of this.#tickets.values()) if (ticket.lane === 'live' && ticket.source === cameraId) return true;
    return false;
  }

  #lookForDrained({ lane, source }: Ticket): void {
    if (lane === 'live') this.#drains.look(source);
  }
}
