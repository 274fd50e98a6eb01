import { seededRandom } from '../../src/core/testing/seeded-random.ts';
import { oneFifo, priorityLevels, QueuePolicy } from '../baselines/queue-policy.ts';
import { TwoSessions } from '../baselines/two-sessions.ts';
import { latenciesOf, type CallMs, type LaneAccount } from '../lanes/lane-account.ts';
import type { OurSettings } from '../lanes/our-lanes.ts';
import type { Policy } from '../lanes/policy.ts';
import { runShift } from '../lanes/run-shift.ts';
import { makeTrace, type TraceShape } from '../lanes/trace.ts';
import { cameraNames, liveLoad, type Rig } from '../rig.ts';
import { quantile } from '../statistics/quantile.ts';
import type { CellValues } from './cell-values.ts';

const sloMs = 200;
/** What a batch of the usual systems holds; four of them wait ahead of every live frame. */
const fifoBatch = 32;
const fifoDepth = 4;
const highLoad = 0.8;
/** Batches of a dynamic batcher: all live frames that wait, up to so many. */
const tritonLiveBatch = 16;

type Cells = Partial<{ readonly [K in keyof CellValues]: () => Promise<CellValues[K]> }>;

/** Cells of the device: the same frames for the product and for the usual ways to share one. */
export function laneCells(rig: Rig): Cells {
  const { engine, secondEngine, work, plan, options } = rig;
  const queue = (window: number, choose: ConstructorParameters<typeof QueuePolicy>[2]['choose']): Policy =>
    new QueuePolicy(engine, work, { window, choose });
  // A call is in flight beside those that wait: its frames are part of what is decoded.
  const fifo = queue((fifoDepth + 1) * fifoBatch, oneFifo(fifoBatch));
  const shallowFifo = queue(2 * fifoBatch, oneFifo(fifoBatch));
  const triton = queue(2 * fifoBatch, priorityLevels({ live: tritonLiveBatch, archive: fifoBatch }));
  const twoSessions = new TwoSessions(engine, secondEngine, work, fifoBatch);
  const ours = (settings: OurSettings): Policy => new Ours(rig, settings);
  const strict: OurSettings = { mode: 'strict', batch: 'auto' };
  let round = 0;

  const live = async (
    policy: Policy,
    archive: boolean,
    countMs: number,
    { load = liveLoad, kind = 'jittered' }: { load?: number; kind?: TraceShape['kind'] } = {},
  ): Promise<LaneAccount> => {
    const durationMs = plan.settleMs + countMs;
    const fps = (rig.cameraFps * load) / liveLoad;
    // Another trace each time, from the run's one seed.
    const random = seededRandom(options.seed * 10_000 + round++);
    const trace = makeTrace({ cameras: cameraNames, fps, durationMs, kind }, random);
    const { shape } = work;
    return runShift({
      engine,
      policy,
      cameras: cameraNames,
      trace,
      archive,
      sloMs,
      shape,
      settleMs: plan.settleMs,
      countMs,
    });
  };
  const loaded = async (archive: boolean): Promise<CellValues['load-80']> => ({
    ...(await live(ours(strict), archive, plan.liveMs, { load: highLoad })),
    sloMs,
  });
  // A slow device sends few frames at a load of 0.3: the stretch is as long as a p99 over all rounds asks for.
  const tailMs = Math.max(
    plan.liveMs,
    (plan.tailFrames * 1000) / (plan.liveRounds * rig.cameraFps * cameraNames.length),
  );
  const archiveAlone = (batch: 'auto' | number): Promise<LaneAccount> => {
    const policy = ours({ mode: 'strict', batch });
    const { archiveSettleMs: settleMs, archiveMs: countMs } = plan;
    const shift = { engine, policy, cameras: [], trace: [], archive: true, sloMs, shape: work.shape };
    return runShift({ ...shift, settleMs, countMs });
  };
  const bareRate = async (batch: number): Promise<{ imagesPerSecond: number }> => {
    const { calls, elapsedMs } = await rig.bare(engine, work.shape.input, batch, plan.archiveMs);
    return { imagesPerSecond: (calls * batch * 1000) / elapsedMs };
  };

  return {
    ladder: async () => {
      const measured = new Map<number, number>();
      for (const size of rig.ladder) {
        measured.set(size, (await rig.bare(engine, work.shape.input, size, plan.bareMs)).medianMs);
      }
      return measured satisfies CallMs;
    },
    alone: async () => {
      const account = await live(ours(strict), false, tailMs);
      // A ratio to it would flatter everything else.
      if (Number.isFinite(quantile(latenciesOf(account), 0.95)) || plan.noiseLimit === Number.POSITIVE_INFINITY)
        return account;
      throw new Error('the machine did not keep up with the live frames alone');
    },
    strict: async () => {
      engine.sentMonoMs.clear();
      await engine.ask('stamps', null);
      const account = await live(ours(strict), true, tailMs);
      const dispatched = (await engine.ask('stamps', null)).flatMap(({ batchId, receivedMonoMs, calledMonoMs }) => {
        const sent = engine.sentMonoMs.get(batchId);
        return sent === undefined
          ? []
          : [{ wireUs: (receivedMonoMs - sent) * 1000, wholeUs: (calledMonoMs - sent) * 1000 }];
      });
      const wholeUs = dispatched.map((delay) => delay.wholeUs);
      return {
        ...account,
        dispatchP50Us: quantile(wholeUs, 0.5),
        dispatchP99Us: quantile(wholeUs, 0.99),
        dispatchWireP99Us: quantile(
          dispatched.map((delay) => delay.wireUs),
          0.99,
        ),
      };
    },
    balanced: () => live(ours({ mode: 'balanced', batch: 'auto' }), true, plan.otherLiveMs),
    throughput: () => live(ours({ mode: 'throughput', batch: 'auto' }), true, plan.otherLiveMs),
    'pinned-2': () => live(ours({ mode: 'throughput', batch: 2 }), true, plan.otherLiveMs),
    'pinned-4': () => live(ours({ mode: 'throughput', batch: 4 }), true, plan.otherLiveMs),
    'pinned-8': () => live(ours({ mode: 'throughput', batch: 8 }), true, plan.otherLiveMs),
    fifo: () => live(fifo, true, plan.otherLiveMs),
    'fifo-1': () => live(shallowFifo, true, plan.otherLiveMs),
    'triton-like': () => live(triton, true, plan.otherLiveMs),
    'two-sessions': () => live(twoSessions, true, plan.otherLiveMs),
    'bursty-alone': () => live(ours(strict), false, plan.liveMs, { kind: 'bursty' }),
    'bursty-strict': () => live(ours(strict), true, plan.liveMs, { kind: 'bursty' }),
    'load-80': () => loaded(true),
    'load-80-alone': () => loaded(false),
    archive: () => archiveAlone(rig.archiveBatch),
    'archive-bare': () => bareRate(rig.archiveBatch),
    'archive-auto': () => archiveAlone('auto'),
    'archive-auto-bare': () => bareRate(Math.min(fifoBatch, rig.ladder.at(-1) ?? fifoBatch)),
  };
}

/** The one LaneHost under the settings of a cell. */
class Ours implements Policy {
  readonly #rig: Rig;
  readonly #settings: OurSettings;

  constructor(rig: Rig, settings: OurSettings) {
    this.#rig = rig;
    this.#settings = settings;
  }

  begin(shift: Parameters<Policy['begin']>[0]): void {
    this.#rig.lanes.with(this.#settings).begin(shift);
  }

  end(): Promise<void> {
    return this.#rig.lanes.end();
  }
}
