import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, expect, test } from 'vitest';
import { cameraSettingsSchema } from '../../shared/domain/camera.ts';
import { keyFileName } from '../secrets/key-file-secrets.ts';
import { AppBench } from '../testing/app-bench.ts';

let bench: AppBench;
afterEach(() => bench.end());

const call = <T>(promise: Promise<T>): Promise<T> => bench.passing(promise);
const settings = (change: Record<string, unknown> = {}) =>
  cameraSettingsSchema.parse({ name: 'Gate', url: 'rtsp://admin:hunter2@192.0.2.7/stream', ...change });
const add = async (change: Record<string, unknown> = {}): Promise<string> =>
  (await call(bench.app.handlers['cameras.add'](settings(change)))).id;
const camera = async (id: string) =>
  (await call(bench.app.handlers['app.overview'](undefined))).cameras.find((one) => one.id === id);
const askedFor = (id: string): readonly string[] =>
  bench.engines.all
    .flatMap((engine) => engine.received)
    .flatMap((message) => (message.type === 'open-camera' && message.cameraId === id ? [message.url] : []));

/** Every byte that lies in the data folder. */
function everythingIn(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

test('a password goes to the engine alone: no file, answer, event or log has it', async () => {
  bench = new AppBench();
  await bench.start();
  const id = await add();
  await bench.until(() => askedFor(id).length > 0);
  expect(askedFor(id)).toEqual(['rtsp://admin:hunter2@192.0.2.7/stream']);
  expect(await camera(id)).toMatchObject({ url: 'rtsp://192.0.2.7/stream', login: 'kept' });
  const seen = JSON.stringify([bench.events, bench.logged, await call(bench.app.handlers['app.overview'](undefined))]);
  expect(seen).not.toContain('hunter2');
  expect(everythingIn(bench.dataDir)).not.toContain('hunter2');
  await bench.close();
  expect(everythingIn(bench.dataDir)).not.toContain('hunter2');
  expect(statSync(join(bench.dataDir, keyFileName)).mode & 0o777).toBe(0o600);

  await bench.start();
  await bench.until(() => askedFor(id).length > 1);
  expect(askedFor(id).at(-1)).toBe('rtsp://admin:hunter2@192.0.2.7/stream');
});

test('rows of earlier versions are taken apart at the start, and nothing of them stays in the files', async () => {
  bench = new AppBench();
  await bench.start({ openCameras: false });
  const old = { ...settings({ enabled: false }), id: 'cam-old', createdAtMs: 1 };
  await call(bench.store.call('cameras.save', old));
  const removed = { ...old, id: 'cam-gone', url: 'rtsp://admin:hunter3@192.0.2.9/stream' };
  await call(bench.store.call('cameras.save', removed));
  await bench.close();
  // As earlier versions did it.
  const db = new Database(join(bench.dataDir, 'nightshift.db'));
  db.exec("UPDATE cameras SET removed = 1 WHERE id = 'cam-gone'");
  db.close();
  expect(everythingIn(bench.dataDir)).toMatch(/hunter2[^]*hunter3|hunter3[^]*hunter2/);
  await bench.start();
  expect(await camera('cam-old')).toMatchObject({ url: 'rtsp://192.0.2.7/stream', login: 'kept' });
  expect(everythingIn(bench.dataDir)).not.toMatch(/hunter[23]/);
  await call(bench.app.handlers['cameras.update']({ id: 'cam-old', settings: { enabled: true } }));
  await bench.until(() => askedFor('cam-old').length > 0);
  expect(askedFor('cam-old')).toEqual([old.url]);
});

test('a login stays with its machine, and is changed for many at once', async () => {
  bench = new AppBench();
  await bench.start();
  const [one, two] = [await add(), await add({ name: 'Yard', url: 'rtsp://192.0.2.8/a?token=t0ken' })];
  const { changed, failed } = await call(
    bench.app.handlers['cameras.setPassword']({
      ids: [one, two, 'nobody'],
      login: { user: 'viewer', password: 'n@w/' },
    }),
  );
  expect(changed.map(({ login }) => login)).toEqual(['kept', 'kept']);
  expect(failed).toMatchObject([{ id: 'nobody', error: { kind: 'not-found' } }]);
  await bench.until(() => askedFor(two).some((url) => url.includes('viewer')));
  expect(askedFor(one).at(-1)).toBe('rtsp://viewer:n%40w%2F@192.0.2.7/stream');
  expect(askedFor(two).at(-1)).toBe('rtsp://viewer:n%40w%2F@192.0.2.8/a?token=t0ken');
  expect((await camera(two))?.url).toBe('rtsp://192.0.2.8/a?token=…');

  await call(bench.app.handlers['cameras.update']({ id: one, settings: { url: 'rtsp://192.0.2.7/other' } }));
  expect(await camera(one)).toMatchObject({ login: 'kept' });
  await call(bench.app.handlers['cameras.update']({ id: one, settings: { url: 'rtsp://192.0.2.9/other' } }));
  expect(await camera(one)).toMatchObject({ url: 'rtsp://192.0.2.9/other', login: 'none' });
  await call(
    bench.app.handlers['cameras.updateMany']({ ids: [one, two], settings: { weight: 'low', enabled: false } }),
  );
  expect([await camera(one), await camera(two)]).toMatchObject([
    { weight: 'low', enabled: false },
    { weight: 'low', enabled: false, login: 'kept' },
  ]);
});

test('what another host encrypted is said in words, and a new password opens it again', async () => {
  bench = new AppBench();
  await bench.start();
  const id = await add({ enabled: false });
  const stored = (await call(bench.store.call('cameras.list', undefined)))[0];
  await call(bench.store.call('cameras.save', { ...stored!, sealedLogin: 'system:AAAA' }));
  await bench.close();
  await bench.start();
  expect(await camera(id)).toMatchObject({ login: 'locked' });
  await call(bench.app.handlers['cameras.update']({ id, settings: { enabled: true } }));
  await bench.told('keychain, which cannot be read here');
  expect(askedFor(id)).toEqual([]);
  await call(bench.app.handlers['cameras.setPassword']({ ids: [id], login: { user: 'a', password: 'b' } }));
  await bench.until(() => askedFor(id).length > 0);
  expect(askedFor(id)).toEqual(['rtsp://a:b@192.0.2.7/stream']);
  expect(await camera(id)).toMatchObject({ login: 'kept' });
});

test('a key file that is another one is said in words', async () => {
  bench = new AppBench();
  await bench.start();
  const id = await add();
  await bench.close();
  writeFileSync(join(bench.dataDir, keyFileName), Buffer.alloc(32, 1).toString('base64'));
  await bench.start();
  await bench.told('encrypted with another key file');
  expect(askedFor(id)).toEqual([]);
});

test('a damaged key file is set aside, it is said which cameras need their password again, and they can be given it', async () => {
  bench = new AppBench();
  await bench.start();
  const gate = await add();
  const yard = await add({ name: 'Yard', url: 'rtsp://192.0.2.8/a?token=t0ken' });
  const roof = await add({ name: 'Roof', url: 'rtsp://192.0.2.9/a' });
  await bench.close();
  writeFileSync(join(bench.dataDir, keyFileName), 'cut o');
  bench.events.length = 0;
  await bench.start();
  await bench.told('These cameras need their password again: Gate, Yard.');
  expect((await bench.notices()).join()).toContain(`${keyFileName}.damaged`);
  expect(readFileSync(join(bench.dataDir, `${keyFileName}.damaged`), 'utf8')).toBe('cut o');
  expect([await camera(gate), await camera(yard), await camera(roof)]).toMatchObject([
    { login: 'locked' },
    { login: 'locked' },
    { login: 'none' },
  ]);

  const login = { user: 'viewer', password: 'n3w' };
  const { changed, failed } = await call(bench.app.handlers['cameras.setPassword']({ ids: [gate, yard], login }));
  expect(changed).toMatchObject([{ id: gate, login: 'kept' }]);
  expect(failed).toMatchObject([{ id: yard, error: { hint: expect.stringContaining('whole address') as string } }]);
  await bench.told('These cameras need their password again: Yard.');
  const whole = { url: 'rtsp://192.0.2.8/a?token=other' };
  await call(bench.app.handlers['cameras.update']({ id: yard, settings: whole }));
  await bench.until(() => askedFor(yard).some((url) => url.endsWith('token=other')));
  expect(askedFor(gate).at(-1)).toBe('rtsp://viewer:n3w@192.0.2.7/stream');
  const open = async () =>
    (await call(bench.app.handlers['notices.list'](undefined))).filter(({ clearedAtMs }) => clearedAtMs === null);
  expect((await open()).filter(({ topic }) => topic === 'camera-logins')).toEqual([]);
  await bench.close();
  await bench.start();
  expect([await camera(gate), await camera(yard)]).toMatchObject([{ login: 'kept' }, { login: 'kept' }]);
});

test('HTTP on this machine is asked for, our own port is refused', async () => {
  bench = new AppBench();
  await bench.start();
  const undo = bench.app.listensOn(8700);
  await expect(add({ url: 'http://127.0.0.1:8080/mjpg' })).rejects.toMatchObject({ kind: 'needs-consent' });
  await expect(add({ url: 'http://127.0.0.1:8700/', allowLoopback: true })).rejects.toMatchObject({
    kind: 'bad-input',
  });
  await expect(add({ url: 'rtsp://[::1]:8700/' })).rejects.toMatchObject({ kind: 'bad-input' });
  const agreed = await add({ url: 'http://127.0.0.1:8080/mjpg', allowLoopback: true });
  expect(await camera(agreed)).toMatchObject({ allowLoopback: true });
  await add({ name: 'Restreamed', url: 'rtsp://127.0.0.1:8554/gate' });
  undo();
  await add({ name: 'Other', url: 'rtsp://[::1]:8700/' });
});

test('a probe tells what is there and what it costs, the other stream, or what is wrong', async () => {
  const found = {
    width: 640,
    height: 480,
    codec: 'h264',
    fps: 25,
    transport: 'tcp',
    decodeMs: 2,
    decodeCoreMsPerSecond: 50,
  };
  const looked: string[] = [];
  bench = new AppBench({
    probe: (url) => {
      looked.push(url);
      return url.includes('192.0.2.9') ? 'The camera wants a user name and password (401).' : found;
    },
  });
  await bench.start();
  await bench.until(() => bench.engines.all.length > 0);
  const probe = (url: string, more: { readonly cameraId?: string } = {}) =>
    call(bench.app.handlers['cameras.probe']({ url, transport: 'auto', allowLoopback: false, ...more }));
  await call(new Promise((resolve) => setTimeout(resolve, 100)));
  expect(await probe('rtsp://admin:hunter2@192.0.2.7/Streaming/Channels/101')).toMatchObject({
    stream: {
      url: 'rtsp://192.0.2.7/Streaming/Channels/101',
      codec: 'h264',
      decodeCost: expect.stringContaining('5 %') as string,
    },
    other: { url: 'rtsp://192.0.2.7/Streaming/Channels/102' },
  });
  expect(looked).toEqual([
    'rtsp://admin:hunter2@192.0.2.7/Streaming/Channels/101',
    'rtsp://admin:hunter2@192.0.2.7/Streaming/Channels/102',
  ]);
  expect((await probe('rtsp://192.0.2.7/live')).other).toBe(null);
  await expect(probe('rtsp://admin:hunter2@192.0.2.9/live')).rejects.toMatchObject({
    kind: 'unreachable',
    message: 'The camera wants a user name and password (401).',
    where: 'rtsp://192.0.2.9/live',
    hint: expect.stringContaining('lock it') as string,
  });
  // What is kept of a camera is used for it, and for no other machine.
  const cameraId = await add();
  await probe('rtsp://192.0.2.7/stream', { cameraId });
  await probe('rtsp://192.0.2.7/other', { cameraId });
  await probe('rtsp://192.0.2.8/stream', { cameraId });
  expect(looked.slice(-3)).toEqual([
    'rtsp://admin:hunter2@192.0.2.7/stream',
    'rtsp://admin:hunter2@192.0.2.7/other',
    'rtsp://192.0.2.8/stream',
  ]);
  await expect(probe('http://169.254.169.254/latest')).rejects.toMatchObject({ kind: 'bad-input' });
});
