import { afterEach, expect, test } from 'vitest';
import { cameraSettingsSchema } from '../../shared/domain/camera.ts';
import { queueNames, type QueueName, type QueueStatus } from '../../shared/domain/system.ts';
import { AppBench } from '../testing/app-bench.ts';

let bench: AppBench;
afterEach(() => bench.end());

async function queues(): Promise<ReadonlyMap<QueueName, QueueStatus>> {
  const status = await bench.passing(bench.app.handlers['system.status'](undefined));
  return new Map(status.queues.map((queue) => [queue.name, queue]));
}

const clientEvents: QueueStatus = {
  name: 'client-events',
  unit: 'bytes',
  waiting: 12,
  bound: 100,
  policy: 'left-out',
  givenUp: 3,
};

test('every queue is listed with its bound; a host adds its own and takes them back', async () => {
  bench = new AppBench();
  await bench.start();
  const own = queueNames.filter((name) => name !== 'client-events');
  expect([...(await queues()).keys()].sort()).toEqual([...own].sort());
  const remove = bench.app.addQueueSource(() => [clientEvents]);
  expect((await queues()).get('client-events')).toEqual(clientEvents);
  remove();
  expect((await queues()).has('client-events')).toBe(false);
});

test('bounds follow the cameras, and what is given up is counted over engines and closed cameras', async () => {
  bench = new AppBench({ runMs: (_lane, batch) => 300 * batch });
  await bench.start();
  const idle = await queues();
  expect(idle.get('live-frames')).toMatchObject({ waiting: 0, bound: 0, givenUp: 0 });
  expect(idle.get('live-results')).toMatchObject({ waiting: 0, bound: 0, givenUp: 0 });
  const viewer = bench.app.openViewer(() => undefined);
  const add = (name: string): Promise<{ id: string }> =>
    bench.passing(
      bench.app.handlers['cameras.add'](
        cameraSettingsSchema.parse({ name, url: `test:${name}`, analysisFps: 12, sloMs: 700 }),
      ),
    );
  const gate = await add('Gate');
  await add('Yard');
  viewer.request({ type: 'watch', cameraId: gate.id, maxFps: 5 });

  // A call takes longer than frames take to come: the lane is full, and older frames leave.
  await bench.pass(5_000);
  const busy = await queues();
  expect(busy.get('live-frames')).toMatchObject({ bound: 4, policy: 'oldest-out' });
  expect(busy.get('live-results')).toMatchObject({ bound: 40_000, givenUp: 0 });
  expect(busy.get('preview-pictures')).toMatchObject({ bound: 1 });
  const dropped = busy.get('live-frames')?.givenUp ?? 0;
  expect(dropped).toBeGreaterThan(0);

  bench.engines.latest().end({ code: null, signal: 'SIGSEGV' });
  expect((await queues()).get('live-frames')?.givenUp).toBeGreaterThanOrEqual(dropped);

  // Results that the store refuses until their camera is gone are lost, and stay counted.
  await bench.pass(5_000);
  bench.storeFault = (name) => (name === 'live.commit' ? new Error('full') : null);
  await bench.pass(5_000);
  expect((await queues()).get('live-results')?.waiting).toBeGreaterThan(0);
  await bench.passing(bench.app.handlers['cameras.remove']({ id: gate.id }));
  const after = (await queues()).get('live-results');
  expect(after).toMatchObject({ bound: 20_000 });
  expect(after?.givenUp).toBeGreaterThan(0);
});
