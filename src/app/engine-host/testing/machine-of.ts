import type { MachineLook } from '../likely-providers.ts';

/** A machine of these files; a folder has the names that lie right below it. */
export function machineOf(files: Readonly<Record<string, string>>, change: Partial<MachineLook> = {}): MachineLook {
  const below = (folder: string): string[] =>
    Object.keys(files)
      .filter((file) => file.startsWith(`${folder}/`))
      .map((file) => file.slice(folder.length + 1).split('/')[0] ?? '');
  return {
    platform: 'linux',
    arch: 'x64',
    env: {},
    home: '/home/op',
    names: (folder) => Promise.resolve([...new Set(below(folder))]),
    text: (file) => Promise.resolve(files[file] ?? null),
    ...change,
  };
}
