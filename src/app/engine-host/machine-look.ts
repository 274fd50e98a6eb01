import { readdir, readFile } from 'node:fs/promises';
import { cpus, homedir } from 'node:os';
import type { LikelyProviders, MachineLook } from './likely-providers.ts';

/** This very machine. */
export const thisMachine: MachineLook = {
  platform: process.platform,
  arch: process.arch,
  env: process.env,
  home: homedir(),
  names: (folder) => readdir(folder).catch(() => []),
  text: (file) => readFile(file, 'utf8').catch(() => null),
};

/** Everything a measurement depends on but the model and onnxruntime: another text, and it is made again. */
export function machineText({ candidates, devices }: LikelyProviders): string {
  const processors = cpus();
  const likely = candidates.filter(({ unlikely }) => unlikely === null).map(({ provider }) => provider);
  return [
    `${process.platform} ${process.arch}`,
    `${String(processors.length)} × ${processors[0]?.model.trim() ?? 'unknown'}`,
    devices.join(' + '),
    likely.join(' '),
  ].join(' | ');
}
