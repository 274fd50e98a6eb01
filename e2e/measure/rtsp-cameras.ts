import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CameraStreams } from '../../src/engine/ingest/testing/camera-streams.ts';
import { Command } from '../cli/command.ts';

// Starts cameras behind a real RTSP server, each with a stream of its own, and runs one command of the built command line
// with their addresses after its first word. By hand, after `npm run build`, with the Node of this repository:
//   node e2e/measure/rtsp-cameras.ts --cameras 8 -- live --seconds 120 --fps 5 --slo 250 --scan resources/demo/night --json
const { values, positionals } = parseArgs({
  options: {
    cameras: { type: 'string', default: '8' },
    size: { type: 'string', default: '640x360' },
    fps: { type: 'string', default: '10' },
    /** All take their pictures at the same moments. */
    together: { type: 'boolean', default: false },
    /** Share of the time in which nothing moves. */
    still: { type: 'string', default: '0' },
  },
  allowPositionals: true,
});
const [width = 640, height = 360] = values.size.split('x').map(Number);
const folder = mkdtempSync(join(tmpdir(), 'nightshift-rtsp-cameras-'));
try {
  await using streams = await CameraStreams.open(folder, {
    ...{ count: Number(values.cameras), width, height, fps: Number(values.fps), still: Number(values.still) },
    phases: values.together ? 'together' : 'apart',
  });
  const [word = 'live', ...rest] = positionals;
  const command = new Command([word, ...streams.urls, ...rest]);
  command.child.stdout?.pipe(process.stdout);
  command.child.stderr?.pipe(process.stderr);
  process.exitCode = (await command.finished()).code ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
