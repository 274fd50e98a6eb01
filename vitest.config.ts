import { availableParallelism } from 'node:os';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** `npm run test:night` adds the long repetitions. */
const night = process.env.NIGHTSHIFT_NIGHT === '1';
/** Network cameras wait for packets in libuv's pool, in the tests' own processes too, as in an engine's. */
process.env.UV_THREADPOOL_SIZE ??= '64';

/** Where scripts/test.ts wants the results to count. */
const report = process.env.NIGHTSHIFT_UNIT_JSON;

const testFiles = (folder: string): string[] => [
  `${folder}/**/*.test.ts`,
  ...(night ? [`${folder}/**/*.night.ts`] : []),
];

/** Most tests wait more than they work; left alone, two cores get one worker. */
const maxWorkers = Math.max(2, availableParallelism() - 1);

/**
 * Of the built command line, those that promise nothing about time, or so little that they keep it beside another: two at a
 * time, as long as nothing is measured for the record.
 */
const besideOthers = night
  ? []
  : ['api', 'kill', 'motion-gate', 'soak', 'soak-figures', 'sweep', 'webgpu'].map((name) => `e2e/cli/${name}.test.ts`);
const commandLine = {
  testTimeout: night ? 1_800_000 : 180_000,
  hookTimeout: 60_000,
};

const limits = {
  // Real models, files and child processes on two cores: slow is not stuck.
  testTimeout: night ? 900_000 : 30_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    reporters: ['default', './scripts/testing/skip-reporter.ts', ...(report === undefined ? [] : ['json'])],
    ...(report === undefined ? {} : { outputFile: { json: report } }),
    projects: [
      {
        test: {
          ...limits,
          name: 'node',
          setupFiles: ['./scripts/testing/property-seed.ts'],
          include: [...testFiles('src'), ...testFiles('scripts'), ...testFiles('bench')],
          exclude: ['src/renderer/**'],
          maxWorkers,
        },
      },
      {
        plugins: [svelte({ configFile: false })],
        // Rune classes run as they do in the window, not as on a rendering server.
        resolve: { conditions: ['browser'] },
        test: {
          ...limits,
          name: 'renderer',
          // Nothing outlives a test there, and a worker a file takes longer than its tests.
          isolate: false,
          setupFiles: ['./scripts/testing/property-seed.ts'],
          include: testFiles('src/renderer'),
          maxWorkers,
        },
      },
      {
        // The built command line as a user runs it. Promises of time are measured there: alone, one after the other.
        test: {
          ...commandLine,
          name: 'cli',
          include: testFiles('e2e'),
          exclude: besideOthers,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      ...(besideOthers.length === 0
        ? []
        : [
            {
              test: {
                ...commandLine,
                name: 'cli-beside',
                include: besideOthers,
                maxWorkers: 2,
                sequence: { groupOrder: 2 },
              },
            },
          ]),
    ],
  },
});
