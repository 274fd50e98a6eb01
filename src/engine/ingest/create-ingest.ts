import { availableParallelism } from 'node:os';
import type { Clock } from '../../core/ports.ts';
import type { EngineReplies, LostFrames, MediaInfo, Ticket } from '../../shared/engine/protocol.ts';
import { ArchiveJobs } from './archive-jobs.ts';
import { machineClock } from './clock.ts';
import { HeldFrames } from './held-frames.ts';
import { LiveIngest } from './live-ingest.ts';
import { LooksIngest } from './looks-ingest.ts';
import type { FeedItem, FeedPicture, LookRequest, OpenCamera } from './messages.ts';
import { PlayersIngest } from './playback/players-ingest.ts';
import { ExporterIngest } from './recording/exporter-ingest.ts';
import { MenderIngest } from './recording/mender-ingest.ts';
import { RecorderIngest } from './recording/recorder-ingest.ts';
import { PicturesIngest } from './pictures-ingest.ts';
import type { HeldFrame, Ingest, IngestNews } from './ports.ts';
import { StillsIngest } from './stills-ingest.ts';

export interface IngestOptions {
  /** The built (or, in tests, the source) file of `worker.ts`. */
  readonly workerFile: string | URL;
  /** Archive frames decoded but not yet given back, all items together. */
  readonly archiveWindow: number;
  /** Pictures and videos above this many pixels a picture are refused before they are decoded. */
  readonly maxPixels: number;
  readonly clock?: Clock;
  /** Archive threads that decode at the same time; left out: one for every two cores, the other is the device's. */
  readonly decodeAtOnce?: number;
  /** What of a camera may wait for a slow disk; left out: as `mostWaitingBytes` says. */
  readonly mostRecordingBytes?: number;
  /** A network camera's thread that hardware decodes for and that gives no sign for so long hangs; left out: 20 s. */
  readonly hungMs?: number;
}

const watchEveryMs = 1000;
/** A driver that starts anew takes seconds. */
const usualHungMs = 20_000;

/** Starts the ingest side of an engine. No thread runs before something is opened, fed or asked. */
export function createIngest(options: IngestOptions): Ingest {
  return new ThreadedIngest(options);
}

class ThreadedIngest implements Ingest {
  readonly #options: IngestOptions;
  readonly #held = new HeldFrames();
  readonly #cameras: LiveIngest[] = [];
  readonly #archive: ArchiveJobs;
  readonly #pictures: PicturesIngest;
  readonly #stills: StillsIngest;
  readonly #recorder: RecorderIngest;
  readonly #exporter: ExporterIngest;
  readonly #mender: MenderIngest;
  readonly #looks: LooksIngest;
  readonly #players: PlayersIngest;
  readonly #watch: NodeJS.Timeout;
  #onArrival: () => void = () => {};
  #onNews: (news: IngestNews) => void = () => {};
  #arrivalAnnounced = false;
  #closed = false;

  constructor(options: IngestOptions) {
    this.#options = options;
    const { workerFile, maxPixels, archiveWindow: window, clock = machineClock } = options;
    const { decodeAtOnce = Math.max(1, Math.floor(availableParallelism() / 2)) } = options;
    this.#archive = new ArchiveJobs({
      ...{ workerFile, maxPixels, window, decodeAtOnce, clock },
      held: this.#held,
      onArrival: this.#arrived,
    });
    this.#pictures = new PicturesIngest(workerFile, maxPixels, this.#held, this.#arrived);
    this.#stills = new StillsIngest(workerFile, maxPixels);
    this.#recorder = new RecorderIngest(workerFile, this.#arrived, options.mostRecordingBytes);
    this.#exporter = new ExporterIngest(workerFile);
    this.#mender = new MenderIngest(workerFile);
    this.#looks = new LooksIngest(workerFile, maxPixels);
    this.#players = new PlayersIngest(workerFile, maxPixels, this.#arrived);
    this.#watch = setInterval(() => {
      this.#archive.watch();
      for (const camera of this.#cameras) camera.lookForHang(watchEveryMs, options.hungMs ?? usualHungMs);
    }, watchEveryMs);
    this.#watch.unref();
  }

  /** A camera that is open already is closed first: its successor has frames of its own. */
  openCamera(command: OpenCamera): void {
    this.closeCamera(command.cameraId);
    const { workerFile, maxPixels } = this.#options;
    const camera = new LiveIngest(workerFile, command, maxPixels, this.#held, this.#arrived);
    this.#cameras.push(camera);
    if (command.recording !== undefined) this.#recorder.attach(camera, command.recording);
  }

  closeCamera(cameraId: string): void {
    void this.#camera(cameraId)?.close();
  }

  watchCamera(command: Parameters<Ingest['watchCamera']>[0]): void {
    this.#camera(command.cameraId)?.watch(command.on, command.maxFps, command.maxWidth ?? null);
  }

  streamCamera({ cameraId, on }: Parameters<Ingest['streamCamera']>[0]): void {
    this.#camera(cameraId)?.stream(on);
  }

  recordCamera({ cameraId, recording }: Parameters<Ingest['recordCamera']>[0]): void {
    const camera = this.#camera(cameraId);
    if (camera === undefined || camera.closed) return;
    this.#recorder.detach(camera);
    if (recording !== null) this.#recorder.attach(camera, recording);
  }

  recordUntil({ cameraId, forMs }: Parameters<Ingest['recordUntil']>[0]): void {
    this.#camera(cameraId)?.recordFor(forMs);
  }

  playRecording(command: Parameters<Ingest['playRecording']>[0]): void {
    this.#players.play(command);
  }

  stopPlaying(session: string): void {
    this.#players.stop(session);
  }

  feedItem(command: FeedItem): void {
    this.#archive.feed(command);
  }

  dropItem(item: string): void {
    this.#archive.drop(item);
  }

  feedPicture(command: FeedPicture): void {
    this.#pictures.feed(command);
  }

  setArchiveWindow(frames: number): void {
    this.#archive.window = frames;
  }

  drain(): { tickets: Ticket[]; lost: LostFrames[] } {
    this.#arrivalAnnounced = false;
    const tickets: Ticket[] = [];
    const lost: LostFrames[] = [];
    const tell = this.#onNews;
    for (const camera of this.#cameras) camera.drain(tickets, lost, tell);
    for (let index = this.#cameras.length - 1; index >= 0; index--) {
      if (this.#cameras[index]?.closed === true) this.#cameras.splice(index, 1);
    }
    this.#recorder.drain(tell);
    this.#players.drain(tell);
    this.#archive.drain(tickets, tell);
    this.#pictures.drain(tickets, tell);
    this.#stills.drain();
    return { tickets, lost };
  }

  onArrival(listener: () => void): void {
    this.#onArrival = listener;
  }

  onNews(listener: (news: IngestNews) => void): void {
    this.#onNews = listener;
  }

  frame(frameId: number): HeldFrame | null {
    return this.#held.get(frameId);
  }

  release(frameIds: readonly number[]): void {
    this.#held.release(frameIds);
  }

  discard(frameIds: readonly number[]): void {
    this.#held.discard(frameIds);
  }

  inspect(path: string): Promise<MediaInfo> {
    return this.#stills.inspect(path);
  }

  still(path: string, timeMs: number | null, maxWidth: number): Promise<Uint8Array> {
    return this.#stills.still(path, timeMs, maxWidth);
  }

  look<R extends LookRequest>(request: R): Promise<EngineReplies[R['type']]> {
    return this.#looks.look(request);
  }

  exportRecording(order: Parameters<Ingest['exportRecording']>[0]): ReturnType<Ingest['exportRecording']> {
    return this.#exporter.export(order);
  }

  mendRecording(path: string): ReturnType<Ingest['mendRecording']> {
    return this.#mender.mend(path);
  }

  snapshot(cameraId: string, capturedAtMs: number): Uint8Array | null {
    return this.#camera(cameraId)?.snapshot(capturedAtMs) ?? null;
  }

  async close(timeoutMs: number): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    await Promise.all([
      ...this.#cameras.map((camera) => camera.close(timeoutMs)),
      this.#archive.close(timeoutMs),
      this.#pictures.close(timeoutMs),
      this.#stills.close(timeoutMs),
      this.#exporter.close(timeoutMs),
      this.#mender.close(timeoutMs),
      this.#looks.close(timeoutMs),
      this.#players.close(timeoutMs),
    ]);
    // Last, and after the cameras: it still writes what they have sent.
    await this.#recorder.close(timeoutMs / 2);
    // A caller that waits no longer ends the process by force.
    await Promise.all(this.#cameras.map((camera) => camera.mayBeCutOff));
  }

  /** The newest of that name: an older one may still be ending. */
  #camera(cameraId: string): LiveIngest | undefined {
    return this.#cameras.findLast((camera) => camera.cameraId === cameraId);
  }

  /** Said once until the next drain: that one hears everything. */
  readonly #arrived = (): void => {
    if (this.#arrivalAnnounced || this.#closed) return;
    this.#arrivalAnnounced = true;
    this.#onArrival();
  };
}
