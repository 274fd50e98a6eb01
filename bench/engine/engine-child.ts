import { Engine } from '../../src/engine/engine.ts';
import type { HostChannel } from '../../src/engine/host-channel.ts';
import { machineClock } from '../../src/engine/ingest/clock.ts';
import { createIngest } from '../../src/engine/ingest/create-ingest.ts';
import { inspectPicture, letterboxPicture } from '../../src/engine/ingest/picture-file.ts';
import type { HeldFrame, Ingest } from '../../src/engine/ingest/ports.ts';
import { engineVersions } from '../../src/engine/versions.ts';
import type { FromEngine, ToEngine } from '../../src/shared/engine/protocol.ts';
import { cpuMs } from './cpu-time.ts';
import { isBenchAsk, type BenchAsk, type BenchReply, type RunStamp } from './messages.ts';
import { RawLoops } from './raw-loop.ts';
import { SyntheticIngest } from './synthetic-ingest.ts';

/**
 * The product's engine with a second ear: the same Engine, Slot, models and wire, with synthetic or real ingest, and a
 * few questions that only a benchmark asks. Argument: `synthetic` or `real`.
 */
const synthetic = process.argv[2] !== 'real';
const maxPixels = 100e6;
let pictures: readonly HeldFrame[] = [];
let syntheticIngest: SyntheticIngest | null = null;
let stamps: { batchId: number; receivedMonoMs: number; calledMonoMs: number }[] = [];
const raw = new RawLoops();

// Ctrl+C in a terminal reaches every process of the group; the benchmark decides what it means and closes the channel.
process.on('SIGINT', () => undefined);

const send = (message: FromEngine | BenchReply): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

const channel: HostChannel = {
  send,
  onMessage: (listener) =>
    process.on('message', (message) => {
      if (isBenchAsk(message)) {
        void answer(message);
        return;
      }
      const command = message as ToEngine;
      if (command.type === 'run') {
        const now = machineClock.monoMs();
        stamps.push({ batchId: command.batchId, receivedMonoMs: now, calledMonoMs: now });
      }
      listener(command);
    }),
  onClose: (listener) => process.once('disconnect', listener),
};

new Engine({
  channel,
  clock: machineClock,
  createIngest: ({ archiveWindow }) => stamped(synthetic ? openSynthetic(archiveWindow) : openReal(archiveWindow)),
  versions: engineVersions,
  exit: (clean) => void (clean ? process.exit(0) : process.kill(process.pid, 'SIGKILL')),
});

function openSynthetic(archiveWindow: number): Ingest {
  syntheticIngest = new SyntheticIngest(machineClock, archiveWindow);
  return syntheticIngest;
}

function openReal(archiveWindow: number): Ingest {
  const workerFile = new URL('../../src/engine/ingest/worker.ts', import.meta.url);
  return createIngest({ workerFile, archiveWindow, maxPixels });
}

/** Notes when the slot fetches a frame's bytes: the native call comes next. */
function stamped(ingest: Ingest): Ingest {
  const frame = ingest.frame.bind(ingest);
  ingest.frame = (frameId) => {
    const stamp = stamps.at(-1);
    if (stamp !== undefined) stamp.calledMonoMs = machineClock.monoMs();
    return frame(frameId);
  };
  return ingest;
}

async function answer(ask: BenchAsk): Promise<void> {
  try {
    send({ benchReply: ask.askId, value: await valueOf(ask) });
  } catch (caught) {
    send({
      benchReply: ask.askId,
      failed: caught instanceof Error ? (caught.stack ?? caught.message) : String(caught),
    });
  }
}

async function valueOf(ask: BenchAsk): Promise<unknown> {
  switch (ask.bench) {
    case 'pictures':
      pictures = await load(ask.input);
      syntheticIngest?.show(pictures);
      return { count: pictures.length };
    case 'play':
      if (syntheticIngest === null) throw new Error('only a synthetic engine plays a trace');
      syntheticIngest.play(ask.input.arrivals);
      return null;
    case 'stamps': {
      const taken: readonly RunStamp[] = stamps;
      stamps = [];
      return taken;
    }
    case 'cpu':
      return { cpuMs: cpuMs() };
    case 'raw':
      return raw.run(ask.input, pictures);
    case 'versions':
      return engineVersions();
  }
}

async function load({
  files,
  input,
  padding,
}: Extract<BenchAsk, { bench: 'pictures' }>['input']): Promise<HeldFrame[]> {
  const loaded: HeldFrame[] = [];
  for (const file of files) {
    const facts = await inspectPicture(file, maxPixels);
    const bytes = new Uint8Array(input.width * input.height * 3);
    const fit = await letterboxPicture(file, facts, input, padding, maxPixels, bytes);
    const { width, height } = input;
    const { scale, offsetX, offsetY } = fit;
    loaded.push({
      bytes,
      width,
      height,
      scale,
      offsetX,
      offsetY,
      sourceWidth: facts.width,
      sourceHeight: facts.height,
    });
  }
  return loaded;
}
