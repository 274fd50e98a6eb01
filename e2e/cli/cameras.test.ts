import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freshDataDir } from '../fixtures/data-dir.ts';
import { childrenOf, Command, run } from './command.ts';

const password = 'c4nary-p4ss';

let folder: Awaited<ReturnType<typeof freshDataDir>>;
let camera: Server;
/** Logins that were shown to the camera. */
const shown: string[] = [];

/** An RTSP camera that wants a login and is content with none. */
beforeEach(async () => {
  folder = await freshDataDir();
  camera = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1');
      const login = /Authorization: Basic (\S+)/i.exec(text)?.[1];
      if (login !== undefined) shown.push(Buffer.from(login, 'base64').toString());
      const sequence = /CSeq: (\d+)/i.exec(text)?.[1] ?? '1';
      socket.write(
        text.startsWith('OPTIONS')
          ? `RTSP/1.0 200 OK\r\nCSeq: ${sequence}\r\nPublic: DESCRIBE\r\n\r\n`
          : `RTSP/1.0 401 Unauthorized\r\nCSeq: ${sequence}\r\nWWW-Authenticate: Basic realm="camera"\r\n\r\n`,
      );
    });
  }).listen(0, '127.0.0.1');
  await once(camera, 'listening');
});
afterEach(async () => {
  camera.close();
  await folder.remove();
});

/** What other users of the machine, a backup or a support ticket may see. */
function everythingIn(path: string): string {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

function processListOf(pid: number): string {
  return [pid, ...childrenOf(pid)]
    .map(
      (one) =>
        readFileSync(`/proc/${String(one)}/cmdline`, 'latin1') + readFileSync(`/proc/${String(one)}/environ`, 'latin1'),
    )
    .join('\n');
}

test('cameras out of a list get a password that reaches the camera, and nothing and nobody else', async () => {
  const of = ['--data', folder.path, '--json'];
  const port = String((camera.address() as AddressInfo).port);
  const list = join(folder.path, 'cameras.csv');
  writeFileSync(list, `name,url,group\nGate,rtsp://127.0.0.1:${port}/gate,North\nCloud,http://169.254.169.254/x,\n`);
  const served = new Command(['serve', '--no-open', '--data', folder.path]);
  await served.until(() => /worst p95|no cameras/.test(served.stderr), 60_000, 'the status line');

  const dry = await run<{ added: number; problems: number }>(['cameras', 'import', list, '--dry-run', ...of]);
  expect(dry).toMatchObject({ code: 1, json: { added: 0, problems: 1 } });
  const imported = await run<{ added: number }>(['cameras', 'import', list, '--good', ...of]);
  expect(imported).toMatchObject({ code: 3, json: { added: 1 } });
  const given = await new Command(
    ['cameras', 'set-password', 'Gate', '--user', 'viewer', ...of],
    undefined,
    {},
    `${password}\n`,
  ).finished<{ changed: readonly { login: string }[] }>();
  expect(given).toMatchObject({ code: 0, json: { changed: [{ login: 'kept' }] } });
  await served.until(() => shown.includes(`viewer:${password}`), 60_000, 'the login at the camera');
  const listed = await run<{ statuses: readonly { offline: { reason: string } | null }[] }>(['cameras', ...of]);
  expect(listed.json.statuses[0]?.offline?.reason ?? '').not.toContain(password);

  const report = await run(['report', '--format', 'html', '--out', join(folder.path, 'report.html'), ...of]);
  expect(report.code, report.stderr).toBe(0);

  const seen = [
    everythingIn(folder.path),
    processListOf(served.child.pid ?? 0),
    served.stdout,
    served.stderr,
    JSON.stringify([dry, imported, given, listed]),
  ].join('\n');
  for (const spelling of [password, Buffer.from(`viewer:${password}`).toString('base64')]) {
    expect(seen.includes(spelling), spelling).toBe(false);
  }
  served.child.kill('SIGTERM');
  await served.finished();
  expect(everythingIn(folder.path).includes(password)).toBe(false);
}, 120_000);
