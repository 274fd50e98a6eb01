import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faults, FaultServer, type CameraFault } from '../../src/engine/ingest/testing/fault-server.ts';
import type { FaultProxy } from '../../src/engine/ingest/testing/fault-proxy.ts';
import { whyNoRtspServer } from '../../src/engine/ingest/testing/rtsp-server.ts';
import { cameraSettingsSchema, type CameraStatus } from '../../src/shared/domain/camera.ts';
import { freshDataDir } from '../fixtures/data-dir.ts';
import { Served } from './served.ts';

const lacking = whyNoRtspServer();
const rounds = Number(process.env['NIGHTSHIFT_FAULT_ROUNDS'] ?? '10');
/** Long enough that silence is noticed by the times that operators are told. */
const faultMs = 30_000;
const lookEveryMs = 200;
const bystanders = 8;

interface Seen {
  /** From the fault's begin to the moment at which the camera was no longer live; null: it always was. */
  noticedMs: number | null;
  /** From the fault's end to the next picture. */
  recoveredMs: number | null;
  readonly reasons: Set<string>;
}

test(`every fault ${String(rounds)} times at the product's own times: back within 15 s, nobody else notices`, async (context) => {
  context.skip(lacking !== null, lacking ?? '');
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-faults-'));
  const data = await freshDataDir();
  try {
    await using server = await FaultServer.open(folder);
    await using app = await Served.start(data.path);
    const add = async (name: string, url: string): Promise<string> => {
      const rest = { analysisFps: 2, sloMs: 5000, tier: 'fast', motionGate: true };
      return (await app.call('cameras.add', cameraSettingsSchema.parse({ name, url, ...rest }))).id;
    };
    const victims: { readonly fault: CameraFault; readonly proxy: FaultProxy; readonly id: string }[] = [];
    for (const fault of faults) {
      const proxy = await server.proxy();
      victims.push({ fault, proxy, id: await add(fault.name, server.url(proxy, fault)) });
    }
    const others: string[] = [];
    for (let index = 1; index <= bystanders; index++)
      others.push(await add(`Other ${String(index)}`, server.steadyUrl));

    const look = async (): Promise<Map<string, CameraStatus>> =>
      new Map((await app.call('app.overview', undefined)).statuses.map((status) => [status.cameraId, status]));
    const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    const all: { readonly fault: CameraFault; readonly seen: Seen }[] = [];
    let worstGapMs = 0;
    const lastPicture = new Map<string, { captured: number; atMs: number }>();
    /** Every camera that nothing is done to is live, and its pictures come. */
    const watchOthers = (statuses: ReadonlyMap<string, CameraStatus>): void => {
      for (const id of others) {
        const { state, captured } = statuses.get(id) ?? { state: 'gone', captured: 0 };
        expect(state).toBe('live');
        const last = lastPicture.get(id);
        if (last?.captured !== captured) {
          if (last !== undefined) worstGapMs = Math.max(worstGapMs, performance.now() - last.atMs);
          lastPicture.set(id, { captured, atMs: performance.now() });
        }
      }
    };

    await expect
      .poll(async () => [...(await look()).values()].filter(({ state }) => state === 'live').length, {
        timeout: 60_000,
      })
      .toBe(victims.length + bystanders);
    for (let round = 0; round < rounds; round++) {
      const seen = new Map<string, Seen>();
      for (const { id } of victims) seen.set(id, { noticedMs: null, recoveredMs: null, reasons: new Set() });
      const beganMs = performance.now();
      for (const { proxy, fault } of victims) server.begin(proxy, fault);
      while (performance.now() - beganMs < faultMs) {
        const statuses = await look();
        watchOthers(statuses);
        for (const { id } of victims) {
          const status = statuses.get(id);
          const one = seen.get(id);
          if (one === undefined || status === undefined || status.state === 'live') continue;
          one.noticedMs ??= performance.now() - beganMs;
          if (status.offline !== null) one.reasons.add(status.offline.reason);
        }
        await pause();
      }
      for (const { proxy, fault } of victims) server.end(proxy, fault);
      const endedMs = performance.now();
      const before = await look();
      for (;;) {
        const statuses = await look();
        watchOthers(statuses);
        for (const { id } of victims) {
          const [then, now, one] = [before.get(id), statuses.get(id), seen.get(id)];
          if (one === undefined || now?.state !== 'live' || now.captured <= (then?.captured ?? 0)) continue;
          one.recoveredMs ??= performance.now() - endedMs;
        }
        if ([...seen.values()].every(({ recoveredMs }) => recoveredMs !== null)) break;
        expect(performance.now() - endedMs, missing(victims, seen)).toBeLessThan(60_000);
        await pause();
      }
      for (const { id, fault } of victims) all.push({ fault, seen: seen.get(id) as Seen });
    }
    for (const { proxy } of victims) await proxy[Symbol.asyncDispose]();

    const lines = faults.map((fault) => {
      const of = all.filter((one) => one.fault === fault).map(({ seen }) => seen);
      const longest = (values: readonly (number | null)[]): string =>
        values.some((value) => value !== null)
          ? `${(Math.max(...values.map((value) => value ?? 0)) / 1000).toFixed(1)} s`
          : 'never away';
      const noticed = longest(of.map(({ noticedMs }) => noticedMs));
      return `${fault.name} × ${String(of.length)}: noticed after at most ${noticed}, back after at most ${longest(of.map(({ recoveredMs }) => recoveredMs))}; ${[...new Set(of.flatMap(({ reasons }) => [...reasons]))].join(' | ')}`;
    });
    console.log(
      [...lines, `the longest look without a new picture of another camera: ${worstGapMs.toFixed(0)} ms`].join('\n'),
    );
    for (const { fault, seen } of all) {
      const about = `${fault.name}: ${[...seen.reasons].join(' | ')}`;
      expect(seen.recoveredMs, about).toBeLessThan(15_000);
      if (fault.words === null) expect(seen.noticedMs, about).toBeNull();
      else expect(seen.noticedMs, about).toBeLessThan(30_000);
    }
  } finally {
    await data.remove();
    rmSync(folder, { recursive: true });
  }
});

const missing = (
  victims: readonly { readonly id: string; readonly fault: CameraFault }[],
  seen: ReadonlyMap<string, Seen>,
) =>
  `still away: ${victims
    .filter(({ id }) => seen.get(id)?.recoveredMs === null)
    .map(({ fault }) => fault.name)
    .join(', ')}`;
