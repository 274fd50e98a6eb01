import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Clock } from '../../core/ports.ts';
import type { EngineState } from '../../shared/domain/system.ts';
import type { EngineRequest } from '../../shared/engine/protocol.ts';
import { scriptedEngines, type EngineScript, type ScriptedEngines } from '../testing/scripted-engine.ts';
import { EngineHost, type EngineLoss } from './engine-host.ts';

const clock: Clock = { monoMs: () => Date.now(), epochMs: () => Date.now() };
const silentLog = { info: () => undefined, warn: () => undefined, error: () => undefined };
const MIB = 2 ** 20;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Watched {
  readonly host: EngineHost;
  readonly engines: ScriptedEngines;
  readonly told: string[];
  readonly losses: EngineLoss[];
  readonly states: EngineState[];
}

function start(script: Partial<EngineScript> = {}, spawn?: () => Promise<never>): Watched {
  const engines = scriptedEngines(clock, script);
  const host = new EngineHost({
    spawn: spawn ?? engines.spawn,
    clock,
    log: silentLog,
    providers: ['cpu'],
    intraOpThreads: 2,
    archiveWindow: 4,
    maxPixels: 1_000_000,
    memory: { softBytes: 100 * MIB, hardBytes: 200 * MIB },
  });
  const told: string[] = [];
  const losses: EngineLoss[] = [];
  const states: EngineState[] = [];
  host.listen({
    ready: () => told.push('ready'),
    lost: (loss) => {
      told.push('lost');
      losses.push(loss);
    },
    message: (message) => told.push(message.type),
    state: (state) => states.push(state),
    recycle: () => told.push('recycle'),
  });
  host.start();
  return { host, engines, told, losses, states };
}

const anyRequest: EngineRequest = { type: 'inspect', path: '/x.jpg' };
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

test('ready, lost, ready again: whoever waits for an answer is told, and the next engine is configured like the first', async () => {
  const { host, engines, told, losses } = start();
  await expect(host.request(anyRequest)).rejects.toMatchObject({ kind: 'engine-lost' });
  await pass(10);
  expect(told).toEqual(['ready']);
  await expect(Promise.all([host.request(anyRequest), pass(1)])).resolves.toBeDefined();
  const unanswered = host.request(anyRequest);
  engines.latest().end({ code: 139, signal: null });
  await expect(unanswered).rejects.toMatchObject({ kind: 'engine-lost' });
  expect(losses).toMatchObject([{ end: 'crashed', retryInMs: 100 }]);
  expect(losses[0]?.text).toContain('ended by itself');
  expect(host.state).toMatchObject({ state: 'lost', pid: null, restarts: 1 });
  host.send({ type: 'archive-window', frames: 9 }); // nobody there: nothing happens
  await pass(110);
  expect(told).toEqual(['ready', 'lost', 'ready']);
  expect(engines.all.map((engine) => engine.received[0])).toEqual([
    expect.objectContaining({ type: 'configure', archiveWindow: 4 }),
    expect.objectContaining({ type: 'configure', archiveWindow: 4 }),
  ]);
});

test.each([
  ['SIGKILL', { code: null, signal: 'SIGKILL' }, 'ended-from-outside'],
  ['137, as a shell says it', { code: 137, signal: null }, 'ended-from-outside'],
  ['SIGSEGV', { code: null, signal: 'SIGSEGV' }, 'crashed'],
  ['code 1', { code: 1, signal: null }, 'crashed'],
])('an engine that ends with %s', async (_name, exit, end) => {
  const { engines, losses } = start();
  await pass(10);
  engines.latest().end(exit);
  expect(losses).toMatchObject([{ end }]);
});

test('while something is tried out that is told; then what the engine does, as it is by then', async () => {
  const { host, states } = start();
  await pass(10);
  host.describe('ready', 'Ready');
  host.describeTrial('Trying webgpu');
  host.describeTrial('Trying cpu');
  expect(host.state).toMatchObject({ state: 'warming', detail: 'Trying cpu' });
  host.describeTrial(null);
  expect(host.state).toMatchObject({ state: 'ready', detail: 'Ready' });
  host.describeTrial('Trying again');
  host.describe('warming', 'Warming batch 4');
  host.describeTrial(null);
  expect(host.state).toMatchObject({ state: 'warming', detail: 'Warming batch 4' });
  expect(states.map(({ detail }) => detail)).toContain('Trying again');
});

test('a call that does not come back costs the engine; one that does is forgotten', async () => {
  const { host, losses } = start();
  await pass(10);
  host.callStarted(5_000, 'A live batch of 2');
  await pass(4_999);
  host.callEnded();
  await pass(10_000);
  expect(losses).toEqual([]);
  host.callStarted(5_000, 'A live batch of 2');
  await pass(5_001);
  expect(losses).toMatchObject([
    { end: 'hung', text: 'The engine was replaced: A live batch of 2 took longer than 5 s' },
  ]);
  await pass(60_000);
  expect(losses).toHaveLength(1); // its timer is not the next engine's
});

test('an engine of another protocol, and one that never says it is ready, are replaced; restarts slow down', async () => {
  const other = start({ protocol: 7 });
  await pass(20);
  expect(other.losses[0]?.text).toContain('it speaks protocol 7, not 1');
  expect(other.told).toEqual(['lost']);
  await other.host.stop();

  const silent = start({ silent: true });
  await pass(20_002);
  expect(silent.losses).toMatchObject([{ end: 'hung', text: expect.stringContaining('20 s of its start') as string }]);
  await silent.host.stop();

  const broken = start({}, () => Promise.reject(new Error('no such file')));
  await pass(40_000);
  expect(broken.losses.map((loss) => loss.retryInMs)).toEqual([100, 100, 100, 2_000, 4_000, 8_000, 16_000, 30_000]);
  expect(broken.host.state.detail).toContain('no such file; trying again in 30 s');
});

test('over the soft limit it is told once an engine; over the hard one it is killed', async () => {
  const { host, engines, told, losses } = start();
  await pass(10);
  engines.script.residentBytes = 150 * MIB;
  await pass(10_000);
  expect(told.filter((word) => word === 'recycle')).toHaveLength(1);
  expect(host.state.residentBytes).toBe(150 * MIB);
  engines.script.residentBytes = 250 * MIB;
  await pass(2_010);
  expect(losses).toMatchObject([{ end: 'ended-by-us', text: expect.stringContaining('0.2 GiB') as string }]);
  engines.script.residentBytes = 150 * MIB;
  await pass(10_000);
  expect(told.filter((word) => word === 'recycle')).toHaveLength(2);
});

test('stop: asked, then killed, then left; and never another engine', async () => {
  const polite = start();
  await pass(10);
  const waiting = polite.host.request({
    type: 'warm',
    modelId: 'm',
    lane: 'live',
    input: { width: 32, height: 32 },
    batch: 1,
    runs: 900,
  });
  waiting.catch(() => undefined);
  const both = Promise.all([polite.host.stop(), polite.host.stop()]);
  await pass(2_010);
  await both;
  await expect(waiting).rejects.toMatchObject({ kind: 'engine-lost' });

  const deaf = start({ ignoresStop: true });
  await pass(10);
  deaf.engines.latest().kill = () => undefined; // even this
  const left = deaf.host.stop();
  await pass(3_000);
  await left;
  expect(deaf.host.state.state).toBe('stopped');

  const lost = start();
  await pass(10);
  lost.engines.latest().end({ code: 1, signal: null });
  await lost.host.stop();

  let refuse: (error: Error) => void = () => undefined;
  const late = start({}, () => new Promise<never>((_resolve, reject) => (refuse = reject)));
  await late.host.stop();
  refuse(new Error('too late'));

  await pass(120_000);
  for (const { engines, host, told } of [polite, deaf, lost]) {
    expect(engines.all).toHaveLength(1);
    expect(told.filter((word) => word === 'ready')).toHaveLength(1);
    expect(host.state.state).toBe('stopped');
  }
  expect(late.losses).toEqual([]);
});
