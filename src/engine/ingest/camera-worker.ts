import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { byProcessor } from '../../core/decoding/choose-decoder.ts';
import { chooseFrame, createChooser, type FrameGrid } from '../../core/jobs/frame-choice.ts';
import { analysisStartMs } from './analysis-phase.ts';
import { BufferPool } from './buffer-pool.ts';
import { CaptureStamps, type CaptureStamp } from './capture-stamps.ts';
import { machineClock } from './clock.ts';
import type { DecoderInUse } from '../../shared/domain/decoding.ts';
import type { ControlBlock } from './control-block.ts';
import { machineHardware, type HardwareSystem } from './decoding/hardware-device.ts';
import { HardwareUse } from './decoding/hardware-use.ts';
import { FileSource } from './file-source.ts';
import { JpegEncoder } from './jpeg-encoder.ts';
import { frameBytes } from './letterbox.ts';
import { MotionGate } from './motion-gate.ts';
import { parseLiveAddress, type LiveAddress } from './live-address.ts';
import { Stopped, type LiveFrame, type LiveSource, type PassedPacket } from './live-source.ts';
import { LiveWatch } from './live-watch.ts';
import { asMediaFault } from './media-fault.ts';
import type { FromCameraWorker, OpenCamera, ToCameraWorker } from './messages.ts';
import { NetworkSource } from './network-source.ts';
import { FiguresMeter } from './picture-figures.ts';
import { PacketHearers } from './packet-hearers.ts';
import { redactAddresses } from '../../shared/redact-addresses.ts';
import { TestSource } from './test-source.ts';
import { openUsbSource } from './usb-source.ts';
import { VideoLetterbox } from './video-letterbox.ts';

/** Pictures for viewers that may wait for the main thread; a newer one replaces the one held back here. */
const mostPicturesWaiting = 2;
/** Capture times of lost frames that wait to be told; the oldest are forgotten, their number is not. */
const mostLostTimes = 2_000;

const passedOn: DecoderInUse = { kind: 'none', why: 'passed on as it is' };
const drawn: DecoderInUse = { kind: 'none', why: 'drawn here, not decoded' };

/**
 * One live source's thread: captures, keeps the analysis rate, letterboxes, and makes pictures for people. Of a source of
 * which the packets alone are wanted, it hands those on and decodes nothing.
 */
export class CameraWorker {
  readonly #port: MessagePort;
  readonly #control: ControlBlock;
  readonly #camera: OpenCamera;
  readonly #maxPixels: number;
  readonly #pool = new BufferPool();
  readonly #stamps = new CaptureStamps(machineClock);
  readonly #encoder: JpegEncoder;
  readonly #figures = new FiguresMeter();
  #watched = false;
  #pictureStepMs: number;
  #nextPictureMs = 0;
  /** The newest picture that found two others waiting. */
  #heldBack: Extract<FromCameraWorker, { type: 'picture' }> | null = null;
  readonly #hearers: PacketHearers;
  readonly #hardware: HardwareUse;
  #decoderTold: DecoderInUse | null = null;
  #networkWatch: LiveWatch | null = null;
  #frames = 0;
  #lostAtMs: number[] = [];

  constructor(
    port: MessagePort,
    control: ControlBlock,
    camera: OpenCamera,
    maxPixels: number,
    hardware: HardwareSystem = machineHardware,
  ) {
    this.#port = port;
    this.#control = control;
    this.#camera = camera;
    this.#maxPixels = maxPixels;
    this.#hearers = new PacketHearers(port, control);
    this.#hardware = new HardwareUse(camera.decode ?? byProcessor('hardware was not asked for'), hardware);
    this.#encoder = new JpegEncoder(camera.preview.maxWidth);
    this.#pictureStepMs = 1000 / camera.preview.maxFps;
  }

  /** Ends when the source ends or fails, or when it is told to stop. */
  async run(): Promise<void> {
    try {
      this.#control.beat();
      // What is to be recorded is known before the first packet.
      this.#hear();
      const source = await this.#open();
      try {
        if (this.#camera.packetsOnly === true) await this.#passOn(source);
        this.#tellOpened(source);
        await this.#capture(source);
      } finally {
        source.close();
      }
    } catch (error) {
      const reason = error instanceof Stopped ? 'closed' : asMediaFault(error).message;
      this.#tellLost();
      this.#say({ type: 'ended', reason: redactAddresses(reason) });
    } finally {
      this.#networkWatch?.close();
      this.#hardware.close();
      this.#hearers.close();
      this.#encoder.close();
      this.#figures.close();
    }
  }

  async #open(): Promise<LiveSource> {
    const { url, staggerMs } = this.#camera;
    const address = parseLiveAddress(url);
    const limits = { maxPixels: this.#maxPixels, tap: this.#hearers.tap, hardware: this.#hardware };
    const staggered = (): void => {
      this.#pause(machineClock.monoMs() + staggerMs);
    };
    switch (address.kind) {
      case 'file': {
        const source = new FileSource(address.path, limits, this.#pause, this.#onPacket);
        staggered();
        return source;
      }
      case 'test':
        staggered();
        this.#hearers.nothingToRecord();
        return new TestSource(address.pattern, this.#pause);
      case 'network':
      case 'usb':
        return this.#connect(address);
    }
  }

  /** Nothing here blocks: a silent camera hears a stop within a tenth of a second, and is ended by its watch. */
  async #connect(address: Extract<LiveAddress, { kind: 'network' | 'usb' }>): Promise<LiveSource> {
    const { openTimeoutMs, transport, reach } = this.#camera;
    const watch = new LiveWatch(this.#camera.watch, openTimeoutMs, machineClock, {
      listen: () => {
        this.#control.beat();
        this.#hear();
      },
      tell: (health) => {
        this.#say({ type: 'health', ...health });
      },
    });
    this.#networkWatch = watch;
    const { signal } = watch;
    const own = { tap: this.#hearers.tap, hardware: this.#hardware };
    const limits = { maxPixels: this.#maxPixels, ...own, signal, onAnswer: watch.answered };
    if (address.kind === 'usb') return openUsbSource(address.address, limits);
    return NetworkSource.open(address.url, { ...limits, transport, reach });
  }

  async #capture(source: LiveSource): Promise<never> {
    const letterbox = new VideoLetterbox(this.#camera, 0);
    const gate = new MotionGate(this.#camera.motionGate);
    let grid: FrameGrid | null = null;
    let chooser = createChooser(0, true);
    try {
      for (;;) {
        const next = source.next();
        const live = next instanceof Promise ? await next : next;
        this.#tellDecoder(source);
        if (source instanceof NetworkSource) this.#networkWatch?.picture(live, source);
        this.#hear();
        const stamp = this.#stamps.stamp(live.capturedMonoMs);
        grid ??= this.#grid(source, live);
        const choice = chooseFrame(grid, chooser, Math.ceil(live.timeMs * 1000));
        chooser = choice.chooser;
        const isTicket = choice.frame !== null && this.#analyse(live, stamp, letterbox, gate);
        if (choice.frame === null) this.#show(live, stamp);
        this.#hearers.picture(live.frame.bestEffortTimestamp, stamp.capturedAtMs, isTicket);
      }
    } finally {
      gate.close();
      letterbox.close();
    }
  }

  /** Files and patterns begin at a moment of their own; a network camera's pictures come when they come. */
  #grid(source: LiveSource, { timeMs, capturedMonoMs }: LiveFrame): FrameGrid {
    const { analysisFps: fps, staggerMs, watch } = this.#camera;
    const sourceFps = source.facts.fps ?? (watch.intervalMs === null ? null : 1000 / watch.intervalMs);
    const startMs =
      source instanceof NetworkSource ? analysisStartMs({ timeMs, capturedMonoMs, sourceFps }, fps, staggerMs) : 0;
    return { timeBase: { numerator: 1, denominator: 1_000_000 }, startPts: Math.round(startMs * 1000), fps };
  }

  /** The packets alone: it counts as opened once one has come. */
  async #passOn(source: LiveSource): Promise<never> {
    for (let isFirst = true; ; isFirst = false) {
      const passed = source instanceof NetworkSource ? await source.pass() : passedOf(await source.next());
      if (source instanceof NetworkSource) this.#networkWatch?.came(source.facts.fps);
      if (isFirst) this.#tellOpened(source);
      this.#hear();
      this.#hearers.picture(passed.pts, this.#stamps.stamp(passed.capturedMonoMs).capturedAtMs, false);
    }
  }

  #tellOpened(source: LiveSource): void {
    this.#decoderTold = this.#decoderOf(source);
    this.#say({ type: 'opened', ...source.facts, decoder: this.#decoderTold });
  }

  #tellDecoder(source: LiveSource): void {
    const decoder = this.#decoderOf(source);
    if (decoder === null || decoder === this.#decoderTold) return;
    this.#decoderTold = decoder;
    this.#say({ type: 'decoder', decoder });
  }

  #decoderOf(source: LiveSource): DecoderInUse | null {
    if (this.#camera.packetsOnly === true) return passedOn;
    return source instanceof TestSource ? drawn : this.#hardware.inUse;
  }

  /** Every captured frame becomes a ticket here (true), is told as unchanged, or is counted as lost. */
  #analyse(live: LiveFrame, stamp: CaptureStamp, letterbox: VideoLetterbox, gate: MotionGate): boolean {
    const frame = this.#frames++;
    if (this.#control.takeRefresh()) gate.refresh();
    const { motion, sameAs } = gate.look(live.frame, frame);
    const figures = this.#figures.look(live.frame, live.capturedMonoMs, motion, gate.means);
    if (figures !== null) this.#say({ type: 'figures', capturedAtMs: stamp.capturedAtMs, figures });
    if (sameAs !== null) {
      const { width: sourceWidth, height: sourceHeight } = live.frame;
      this.#say({
        type: 'unchanged',
        feed: 0,
        frame,
        sameAs,
        timeMs: live.timeMs,
        ...stamp,
        sourceWidth,
        sourceHeight,
        motion,
      });
      this.#show(live, stamp);
      return false;
    }
    if (!this.#control.hasCredit) {
      this.#lost(stamp);
      this.#show(live, stamp);
      return false;
    }
    this.#control.frameTaken();
    const buffer = this.#pool.take(frameBytes(this.#camera.input));
    const place = letterbox.write(live.frame, new Uint8Array(buffer));
    gate.taken(frame);
    this.#tellLost();
    // Made before the ticket goes out (about 1.5 ms), so that no result can be there before its picture.
    const preview = this.#encoder.encode(live.frame);
    // The same moment counts for the viewer's rate, so that other pictures fall between the analysed ones.
    this.#nextPictureMs = live.timeMs + this.#pictureStepMs;
    this.#heldBack = null;
    const message: FromCameraWorker = {
      type: 'frame',
      feed: 0,
      frame,
      timeMs: live.timeMs,
      ...stamp,
      heldMs: live.heldMs ?? 0,
      buffer,
      width: place.input.width,
      height: place.input.height,
      scale: place.scale,
      offsetX: place.offsetX,
      offsetY: place.offsetY,
      sourceWidth: place.sourceWidth,
      sourceHeight: place.sourceHeight,
      motion,
      preview,
    };
    this.#port.postMessage(message, [buffer, preview.jpeg.buffer]);
    return true;
  }

  #lost({ capturedAtMs }: CaptureStamp): void {
    this.#lostAtMs.push(capturedAtMs);
    if (this.#lostAtMs.length > mostLostTimes) this.#lostAtMs.shift();
    if (this.#control.frameLost().isFirst) this.#tellLost();
  }

  #tellLost(): void {
    if (this.#lostAtMs.length === 0) return;
    this.#say({ type: 'lost', capturedAtMs: this.#lostAtMs });
    this.#lostAtMs = [];
  }

  /** A picture for viewers only, at most as often as they asked for. */
  #show(live: LiveFrame, stamp: CaptureStamp): void {
    if (!this.#watched || live.timeMs + 1 < this.#nextPictureMs) return;
    this.#nextPictureMs = Math.max(this.#nextPictureMs + this.#pictureStepMs, live.timeMs);
    const preview = this.#encoder.encode(live.frame);
    this.#heldBack = { type: 'picture', capturedAtMs: stamp.capturedAtMs, preview };
    this.#sendHeldBack();
  }

  #sendHeldBack(): void {
    if (this.#heldBack === null || this.#control.picturesWaiting >= mostPicturesWaiting) return;
    this.#control.pictureSent();
    this.#port.postMessage(this.#heldBack, [this.#heldBack.preview.jpeg.buffer]);
    this.#heldBack = null;
  }

  /** Sleeps until the time, hearing what is said meanwhile. @throws Stopped */
  readonly #pause = (untilMonoMs: number): void => {
    for (;;) {
      const seen = this.#control.wakes;
      this.#hear();
      const leftMs = untilMonoMs - machineClock.monoMs();
      if (leftMs <= 0) return;
      this.#control.sleep(seen, leftMs);
    }
  };

  readonly #onPacket = (): void => {
    this.#control.beat();
    if (this.#control.stopped) throw new Stopped();
  };

  #hear(): void {
    if (this.#control.stopped) throw new Stopped();
    for (let heard = receiveMessageOnPort(this.#port); heard !== undefined; heard = receiveMessageOnPort(this.#port)) {
      const message = heard.message as ToCameraWorker;
      switch (message.type) {
        case 'buffers':
          this.#pool.give(message.buffers);
          break;
        case 'watch':
          this.#watch(message.on, message.maxFps, message.maxWidth);
          break;
        default:
          this.#hearers.hear(message);
      }
    }
    this.#sendHeldBack();
  }

  #watch(on: boolean, maxFps: number, maxWidth: number | null): void {
    this.#watched = on && maxFps > 0;
    const { preview } = this.#camera;
    this.#encoder.maxWidth = this.#watched ? (maxWidth ?? preview.maxWidth) : preview.maxWidth;
    if (this.#watched) this.#pictureStepMs = 1000 / Math.min(maxFps, preview.maxFps);
    else this.#heldBack = null;
  }

  #say(message: FromCameraWorker): void {
    this.#port.postMessage(message);
  }
}

/** A file is decoded in any case: its pictures say when they are due. */
const passedOf = ({ frame, capturedMonoMs }: LiveFrame): PassedPacket => ({
  pts: frame.bestEffortTimestamp,
  capturedMonoMs,
});
