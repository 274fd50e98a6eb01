import { pathToFileURL } from 'node:url';
import { call } from '../fixtures/calls.ts';
import { yardClip } from '../fixtures/footage.ts';
import { takeScreens } from '../fixtures/screens.ts';
import { expect, test } from '../fixtures/test.ts';

// Chromium itself notes answers of 400 and above; that the look fails is what this is about.
test.use({ allowedMessages: [/Failed to load resource: .* [45]\d\d .*\/api\/cameras\.probe/] });

test('a camera is looked at first, many come out of a list and are changed together', async ({ openApp }) => {
  const app = await openApp();
  const { page } = app;
  await page.getByTestId('nav-cameras').click();
  await page.getByTestId('add-camera').click();
  const dialog = page.getByRole('dialog', { name: 'Add a camera' });

  await test.step('a look at an address where nobody listens; the password does not stay in sight', async () => {
    await dialog.getByTestId('camera-url').fill('rtsp://viewer:s3cret@127.0.0.1:1/gate');
    await dialog.getByTestId('camera-look-button').click();
    await expect(dialog.getByTestId('camera-url')).toHaveValue('rtsp://127.0.0.1:1/gate');
    await expect(dialog.getByTestId('camera-user')).toHaveValue('viewer');
    await expect(dialog.getByTestId('camera-look')).toHaveAttribute('data-state', 'failed', { timeout: 60_000 });
    await expect(dialog.getByTestId('camera-look')).toContainText('The connection was refused');
    await expect(dialog.getByTestId('camera-look')).toContainText('Check the port');
    await dialog.getByTestId('camera-look').scrollIntoViewIfNeeded();
    await takeScreens(page, 'add-camera-failure');
  });

  await test.step('a look at one that delivers', async () => {
    await dialog.getByTestId('camera-url').fill(pathToFileURL(yardClip).href);
    await dialog.getByTestId('camera-look-button').click();
    await expect(dialog.getByTestId('camera-look')).toHaveAttribute('data-state', 'found', { timeout: 60_000 });
    await expect(dialog.getByTestId('camera-look').getByRole('img')).toBeVisible();
    await expect(dialog.getByTestId('camera-look')).toContainText(/% of one processor core/);
  });

  await test.step('a list, checked row by row, and a change of what was added', async () => {
    await dialog.getByTestId('way-list').click();
    await dialog
      .getByTestId('camera-list')
      .fill('name,url,enabled\nGate,test:?seed=1,no\nCloud,http://169.254.169.254/x,no\nYard,test:?seed=2,no\n');
    await dialog.getByTestId('check-list').click();
    await expect(dialog.getByTestId('list-preview')).toContainText('metadata addresses are not cameras');
    await expect(dialog.getByTestId('list-preview')).toContainText('can be added');
    await dialog.getByRole('button', { name: 'Add the 2 without a problem' }).click();
    await expect(page.getByTestId('camera')).toHaveCount(2);
    await page.keyboard.press('Escape');

    await page.getByLabel('Choose all cameras').check();
    await page.getByTestId('change-many').click();
    const many = page.getByRole('dialog', { name: 'Change 2 cameras' });
    await many.getByLabel('Group').fill('North');
    await many.getByLabel('User name').fill('viewer');
    await many.getByLabel('Password').fill('s3cret');
    await many.getByTestId('many-save').click();
    await expect(many).toBeHidden();
    const { cameras } = await call(page, 'app.overview', undefined);
    expect(cameras.map(({ name, group, login }) => [name, group, login])).toEqual([
      ['Gate', 'North', 'kept'],
      ['Yard', 'North', 'kept'],
    ]);
    expect(JSON.stringify(cameras)).not.toContain('s3cret');
  });
  await app.close();
});
