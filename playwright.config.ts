import { defineConfig } from 'playwright/test';

/** `npm test` looks at what is only the page in one host, once and in its own words; `npm run e2e` at everything in both. */
const brief = process.env.NIGHTSHIFT_BRIEF === '1';
/** Without a display there is no Electron (runtime/hosts.ts), and the browser shows everything. */
const hasWindow = process.platform !== 'linux' || (process.env.DISPLAY ?? '') !== '';

export default defineConfig({
  testDir: 'e2e',
  globalSetup: './e2e/prepare.ts',
  outputDir: 'test-results/e2e',
  // The application under test keeps both cores of a small machine busy by itself.
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  forbidOnly: process.env.CI === 'true',
  reporter: [['list'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: { viewport: { width: 1366, height: 768 } },
  projects: [
    {
      name: 'browser',
      testMatch: 'journeys/**/*.spec.ts',
      // The longest of all, and the window's: in the browser the other journeys show the same views.
      // Playback takes half a minute; what it, repair and two streams are made of is tested without a browser.
      testIgnore: brief
        ? [
            'journeys/long-words.spec.ts',
            'journeys/playback.spec.ts',
            'journeys/repair.spec.ts',
            'journeys/two-streams.spec.ts',
            ...(hasWindow ? ['journeys/first-night.spec.ts'] : []),
          ]
        : [],
    },
    // The window is the same page behind another bridge.
    {
      name: 'electron',
      testMatch: ['smoke/**/*.spec.ts', 'journeys/**/*.spec.ts'],
      testIgnore: brief
        ? [
            'journeys/access.spec.ts',
            'journeys/adding-cameras.spec.ts',
            'journeys/long-words.spec.ts',
            'journeys/playback.spec.ts',
            'journeys/repair.spec.ts',
            'journeys/scans.spec.ts',
            'journeys/system.spec.ts',
            'journeys/two-streams.spec.ts',
            'journeys/wall.spec.ts',
          ]
        : [],
    },
  ],
});
