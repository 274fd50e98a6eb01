import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ScriptAnswer, ScriptSettings } from '../baselines/script-settings.ts';
import type { FromEngine } from '../../src/shared/engine/protocol.ts';
import type { InputSize } from '../../src/shared/domain/model.ts';
import { clipFps } from '../product/clip-fps.ts';
import { demoCamera, scanOf, type Rig } from '../rig.ts';
import type { CellValues } from './cell-values.ts';
import { runNode } from './run-node.ts';

type Cells = Partial<{ readonly [K in keyof CellValues]: () => Promise<CellValues[K]> }>;

const scriptFile = fileURLToPath(new URL('../baselines/plain-script.ts', import.meta.url));
const ticketFile = fileURLToPath(new URL('ticket-cost-child.ts', import.meta.url));
/** A quarter of a second of results a flush, as a job commits them. */
const flushMs = 250;
const idleFps = 5;
/** What a camera's start costs is no idling. */
const idleSettleMs = 500;

/** Cells of the whole application, and of what it is made of. */
export function productCells(rig: Rig): Cells {
  const { product, decoder, engine, plan, options, clips, work, store, query, folder } = rig;
  const { input, batch } = rig.scan;
  const detectionsPerFrame = rig.scan.detections / rig.scan.frames;
  const framesPerSecond = rig.scan.frames / rig.scan.seconds;
  let scans = 0;
  const scan = (files: readonly string[], motionGate: boolean): Promise<CellValues['scan']> =>
    // The score makes it another scan; boxes a hair under the last one's limit change no time.
    product.ask('scan', { ...scanOf(files, rig), motionGate, score: 0.3 + ++scans / 10_000 });
  const script = async (files: readonly string[], { width, height }: InputSize): Promise<ScriptAnswer> => {
    const databaseFile = join(folder, `script-${++scans}.db`);
    const settings: ScriptSettings = { files, manifestFile: rig.manifestFile, width, height, databaseFile };
    const answer = (await runNode(scriptFile, [JSON.stringify(settings)])) as ScriptAnswer;
    for (const suffix of ['', '-wal', '-shm']) await rm(`${databaseFile}${suffix}`, { force: true });
    return answer;
  };
  const idleShare = async (cpuMs: () => Promise<number>): Promise<{ share: number }> => {
    await sleep(idleSettleMs);
    const [startMs, before] = [performance.now(), await cpuMs()];
    await sleep(plan.idleMs);
    return { share: ((await cpuMs()) - before) / (performance.now() - startMs) };
  };
  const productCpuMs = async (): Promise<number> => {
    const { controlMs, engineMs } = await product.ask('cpu', null);
    return controlMs + engineMs;
  };
  const decoderCpuMs = async (): Promise<number> => (await decoder.ask('cpu', null)).cpuMs;
  const cameraUrl = pathToFileURL(demoCamera).href;

  return {
    scan: () => scan(clips, false),
    'scan-quiet': () => scan([rig.quietClip], true),
    'script-square': () => script(clips, work.shape.input),
    'script-quiet': () => script([rig.quietClip], work.shape.input),
    'script-fitted': () => script(clips, input),
    'core-decode': async () => {
      const before = await decoderCpuMs();
      const frames = await decodeAll(rig);
      return { coreMs: ((await decoderCpuMs()) - before) / frames };
    },
    'core-inference': async () => {
      const { calls, cpuMs } = await rig.bare(engine, input, batch, 4 * plan.bareMs);
      return { coreMs: cpuMs / (calls * batch) };
    },
    'core-store': async () => {
      const framesAFlush = Math.max(1, Math.round((framesPerSecond * flushMs) / 1000));
      return { coreMs: await store.coreMsPerFrame(framesAFlush, detectionsPerFrame) };
    },
    store: () => store.measure(plan.storeCommits),
    tickets: () => runNode(ticketFile, [String(plan.tickets)]) as Promise<CellValues['tickets']>,
    query: () => query.measure(),
    idle: async () => {
      const { cameraId } = await product.ask('openCamera', { url: cameraUrl, fps: idleFps, tier: options.tier });
      return idleShare(productCpuMs).finally(() => product.ask('closeCamera', { cameraId }));
    },
    'idle-decode': async () => {
      const cameraId = 'idle';
      const { shape, padding } = work;
      const opened = hear(rig, (message) => message.type === 'tickets');
      decoder.host.send({
        type: 'open-camera',
        cameraId,
        opening: 1,
        url: cameraUrl,
        analysisFps: idleFps,
        input: shape.input,
        multipleOf: work.model.manifest.input.multipleOf,
        padding,
        motionGate: false,
        staggerMs: 0,
        openTimeoutMs: 5_000,
        transport: 'auto',
        watch: { silentMs: 20_000, frozenMs: 20_000, intervalMs: null, changes: false },
        preview: { maxWidth: 640, maxFps: 10 },
      });
      await opened;
      return idleShare(decoderCpuMs).finally(() => {
        decoder.host.send({ type: 'close-camera', cameraId });
      });
    },
  };
}

/** Decodes and letterboxes every clip as the product's ingest does, and runs nothing. Answers the frames. */
async function decodeAll(rig: Rig): Promise<number> {
  const { decoder, clips, work, plan } = rig;
  let frames = 0;
  let ended = 0;
  const done = hear(rig, (message) => {
    if (message.type === 'item-failed') throw new Error(`${message.item}: ${message.reason}`);
    if (message.type === 'tickets') frames += message.tickets.length;
    if (message.type === 'item-ended') ended += 1;
    return ended === clips.length;
  });
  // As far ahead as two of the widest chunks.
  decoder.host.send({ type: 'archive-window', frames: plan.clips === 'one' ? 8 : 64 });
  for (const path of clips) {
    decoder.host.send({
      type: 'feed-item',
      item: path,
      jobId: 'clips',
      weight: 1,
      path,
      kind: 'video',
      fps: clipFps,
      startFrame: 0,
      input: work.shape.input,
      multipleOf: work.model.manifest.input.multipleOf,
      padding: work.padding,
      motionGate: false,
    });
  }
  await done;
  return frames;
}

/** From now on every ticket of the decoder is given back at once; resolves when `isIt` says so of a message. */
function hear({ decoder }: Rig, isIt: (message: FromEngine) => boolean): Promise<void> {
  const heard = new Promise<void>((resolve, reject) => {
    decoder.driver = {
      message: (message) => {
        if (message.type === 'tickets' && message.tickets.length > 0) {
          decoder.host.send({ type: 'discard', frameIds: message.tickets.map(({ frameId }) => frameId) });
        }
        try {
          if (isIt(message)) resolve();
        } catch (caught) {
          reject(caught instanceof Error ? caught : new Error(String(caught)));
        }
      },
    };
  });
  return Promise.race([heard, decoder.lost]);
}
