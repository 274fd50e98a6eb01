import { expect, test } from 'vitest';
import type { DecoderTrial } from '../../shared/engine/protocol.ts';
import { DecoderKeeper, type DecoderKeeperOptions } from './decoder-keeper.ts';
import type { LikelyDecoders } from './likely-decoders.ts';
import { answeringChannel } from './testing/answering-channel.ts';
import { keptSettings } from './testing/kept-settings.ts';

const noCard = 'no NVIDIA card with its driver';
const likely: LikelyDecoders = {
  candidates: [
    { hardware: 'cuda', path: null, unlikely: noCard },
    { hardware: 'vaapi', path: '/dev/dri/renderD128', unlikely: null },
  ],
  machine: 'test machine',
};
const nothingHere: LikelyDecoders = {
  candidates: likely.candidates.map((one) => ({ ...one, path: null, unlikely: `no ${one.hardware}` })),
  machine: 'bare machine',
};
const works: DecoderTrial = { works: true, codecs: [{ codec: 'h264', why: null }] };
const device = { hardware: 'vaapi', path: '/dev/dri/renderD128', codecs: ['h264'] };

/** A machine whose settings outlive a keeper. */
class Machine {
  readonly settings = new Map<string, string>();
  readonly tried: string[] = [];
  changes = 0;
  nowMs = 0;
  vaapi: DecoderTrial | 'crashes' | 'hangs' = works;

  async keeper(change: Partial<DecoderKeeperOptions> = {}): Promise<DecoderKeeper> {
    const keeper = new DecoderKeeper({
      store: keptSettings(this.settings),
      spawn: () =>
        Promise.resolve(
          answeringChannel((request) => {
            if (request.type !== 'try-decoder') return 'hangs';
            this.tried.push(request.hardware);
            return request.hardware === 'vaapi' ? this.vaapi : { works: false, why: 'NVDEC cannot be opened' };
          }),
        ),
      clock: { monoMs: () => this.nowMs, epochMs: () => this.nowMs },
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      likely: () => Promise.resolve(likely),
      pinned: null,
      ffmpegVersion: () => Promise.resolve('8.0'),
      changed: () => (this.changes += 1),
      ...change,
    });
    await keeper.load();
    return keeper;
  }
}

test('tried once, kept, and not tried again at the next start', async () => {
  const machine = new Machine();
  const first = await machine.keeper();
  expect(first.orderFor('auto')).toEqual({ devices: [], why: `${noCard}; VAAPI was not tried yet` });
  await Promise.all([first.settle(), first.settle()]);
  expect(machine.tried).toEqual(['vaapi']);
  expect(first.orderFor('auto').devices).toEqual([device]);
  expect(first.orderFor('off')).toMatchObject({ devices: [], why: expect.stringContaining('this camera') as string });
  const second = await machine.keeper();
  expect(second.orderFor('auto').devices).toEqual([device]);
  await second.settle();
  expect(machine.tried).toHaveLength(1);
});

test('another FFmpeg, another machine: tried again', async () => {
  const machine = new Machine();
  await (await machine.keeper()).settle();
  await (await machine.keeper({ ffmpegVersion: () => Promise.resolve('8.1') })).settle();
  expect(machine.tried).toHaveLength(2);
  const other = await machine.keeper({ likely: () => Promise.resolve({ ...likely, machine: 'another' }) });
  expect(other.orderFor('auto').devices).toEqual([]);
  await other.settle();
  expect(machine.tried).toHaveLength(3);
});

test('without a device nothing waits and nothing is tried; asked for, everything is', async () => {
  const machine = new Machine();
  const keeper = await machine.keeper({ likely: () => Promise.resolve(nothingHere) });
  expect(keeper.settle()).toBeNull();
  expect(keeper.orderFor('auto')).toEqual({ devices: [], why: 'no cuda; no vaapi' });
  machine.vaapi = { works: false, why: 'VAAPI cannot be opened: Invalid argument' };
  const { tried } = await keeper.tryAll();
  expect(tried.map(({ why }) => why)).toEqual([
    'no cuda (NVDEC cannot be opened)',
    'no vaapi (VAAPI cannot be opened: Invalid argument)',
  ]);
  expect(keeper.orderFor('auto').why).toBe('no cuda; no vaapi');
  expect(machine.tried).toEqual(['cuda', 'vaapi']);
});

test('a trial that ends its engine is an answer, and kept', async () => {
  const machine = new Machine();
  machine.vaapi = 'crashes';
  await (await machine.keeper()).settle();
  const next = await machine.keeper();
  expect(next.orderFor('auto').why).toContain('VAAPI: trying it ended the engine (SIGSEGV)');
  await next.settle();
  expect(machine.tried).toHaveLength(1);
});

test('a machine that goes down with a trial does not try it by itself again; asked for, it does', async () => {
  const machine = new Machine();
  machine.vaapi = 'hangs';
  const first = await machine.keeper();
  void first.settle();
  await expect.poll(() => machine.tried.length).toBe(1);
  const next = await machine.keeper(); // the first one is gone, and said nothing
  await next.settle();
  expect(machine.tried).toHaveLength(1);
  expect(next.orderFor('auto').why).toContain('Nightshift ended while it was tried');
  machine.vaapi = works;
  await next.tryAll();
  expect(next.orderFor('auto').devices).toEqual([device]);
  expect(machine.changes).toBe(1);
  await first.close();
});

test('an orderly end during a trial is not held against the device', async () => {
  const machine = new Machine();
  machine.vaapi = 'hangs';
  const first = await machine.keeper();
  void first.settle();
  await expect.poll(() => machine.tried.length).toBe(1);
  await first.close();
  machine.vaapi = works;
  const next = await machine.keeper();
  await next.settle();
  expect(next.orderFor('auto').devices).toEqual([device]);
});

test('an engine that ends over first pictures gives the device up, also at the next start', async () => {
  const machine = new Machine();
  const keeper = await machine.keeper();
  await keeper.settle();
  expect(keeper.engineEnded('ended-from-outside', { beginning: 1, working: 1 })).toBe(false);
  expect(keeper.engineEnded('crashed', { beginning: 0, working: 0 })).toBe(false);
  expect(keeper.engineEnded('crashed', { beginning: 1, working: 3 })).toBe(true);
  expect(keeper.orderFor('auto')).toMatchObject({
    devices: [],
    why: expect.stringContaining('first pictures') as string,
  });
  const next = await machine.keeper();
  await next.settle();
  expect(next.orderFor('auto').devices).toEqual([]);
  expect(machine.tried).toHaveLength(1);
  await next.tryAll();
  expect(next.orderFor('auto').devices).toEqual([device]);
});

test('several ends beside hardware decoding, or a hang, leave it alone until the next start', async () => {
  const machine = new Machine();
  const keeper = await machine.keeper();
  await keeper.settle();
  const end = () => keeper.engineEnded('crashed', { beginning: 0, working: 2 });
  expect([end(), end(), end()]).toEqual([false, false, false]);
  machine.nowMs = 700_000; // long ago by now
  expect([end(), end(), end(), end()]).toEqual([false, false, false, true]);
  expect(keeper.state.setAside).toContain('ended 4 times');
  const next = await machine.keeper();
  expect(next.orderFor('auto').devices).toEqual([device]);
  next.hung('VAAPI did not answer for 20 s');
  expect(next.orderFor('auto').why).toBe('VAAPI did not answer for 20 s; it is left alone until the next start');
});

test('the setting is kept, and cameras are told to begin anew', async () => {
  const machine = new Machine();
  const keeper = await machine.keeper();
  await keeper.settle();
  expect(await keeper.setMode('off')).toMatchObject({ mode: 'off' });
  expect(keeper.orderFor('auto').why).toBe('hardware decoding is switched off');
  await keeper.setMode('off');
  expect(machine.changes).toBe(1);
  const next = await machine.keeper();
  expect(next.state.mode).toBe('off');
  expect(next.settle()).toBeNull();
});

test('whoever names decoders gets those alone, or none', async () => {
  const machine = new Machine();
  const none = await machine.keeper({ pinned: [] });
  expect(none.settle()).toBeNull();
  expect(none.orderFor('auto').why).toContain('allowed when Nightshift was started');
  const card = await machine.keeper({ pinned: ['cuda'] });
  expect(card.state.tried.map(({ hardware }) => hardware)).toEqual(['cuda']);
});
