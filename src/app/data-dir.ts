import { homedir } from 'node:os';
import { join } from 'node:path';

/** The user's data folder: the same in every host, so that a command in a terminal finds the running application. */
export function defaultDataDir(platform: string, env: Readonly<Record<string, string | undefined>>): string {
  const chosen = env['NIGHTSHIFT_DATA'];
  if (chosen !== undefined && chosen !== '') return chosen;
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Nightshift');
  if (platform === 'win32') return join(env['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Nightshift');
  return join(env['XDG_DATA_HOME'] ?? join(homedir(), '.local', 'share'), 'nightshift');
}
