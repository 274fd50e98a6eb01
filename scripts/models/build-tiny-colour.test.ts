import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('builds the test model byte for byte as its manifest names it', () => {
  const script = join(import.meta.dirname, 'build-tiny-colour.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^models\/tiny-colour\/model\.onnx: sha256 [0-9a-f]{64}, as expected$/m);
  expect(status).toBe(0);
});
