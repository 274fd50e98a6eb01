import { join } from 'node:path';
import { hostOf } from '../fixtures/host.ts';
import { launchElectron } from '../fixtures/launch.ts';
import { expect, test } from '../fixtures/test.ts';

// Proves the runtime by itself, so that a failure of a journey is a failure of the application.
test('the Electron runtime opens a window, keeps rows and starts an engine', async ({ hostName, dataDir }) => {
  const host = hostOf(hostName);
  if ('missing' in host) throw new Error(host.missing);
  const app = await launchElectron(join(import.meta.dirname, 'app'), host, {
    dataDir,
    viewport: { width: 640, height: 480 },
    colorScheme: 'dark',
    onPage: () => undefined,
  });
  try {
    await app.page.getByRole('button').click();
    const output = app.page.getByRole('status');
    await expect(output).not.toBeEmpty();
    expect(JSON.parse((await output.textContent()) ?? '')).toEqual({
      name: 'smoke',
      version: '1.2.3',
      isPackaged: false,
      electron: expect.stringMatching(/^\d+\.\d+\.\d+/),
      args: expect.arrayContaining([expect.stringContaining('smoke')]),
      store: { rows: 1000, total: 499_500, refused: 'SQLITE_CONSTRAINT_PRIMARYKEY' },
      engine: { node: expect.stringMatching(/^2\d\./), cpu: true, decoder: 'function' },
    });
    expect((await app.page.screenshot()).length).toBeGreaterThan(1_000);
  } finally {
    await app.close();
  }
});
