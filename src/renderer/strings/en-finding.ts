import type { SecretsProtection } from '../../shared/domain/camera.ts';
import * as format from './format.ts';

/** The words around adding cameras: their addresses and passwords, looking at them, discovering and importing them. */
export const finding = {
  how: 'How to add cameras',
  ways: { address: 'By address', network: 'Find in the network', list: 'From a list' },
  user: 'User name',
  password: 'Password',
  loginHint: 'Kept encrypted, and shown nowhere again.',
  loginKept: 'A user name and a password are kept. Leave both empty to leave them as they are.',
  loginLocked:
    'The password was kept by the desktop application and cannot be read here: type it once more, and both can.',
  protection: {
    system: 'Passwords are kept in the keychain of this system.',
    'key-file':
      'There is no keychain here: passwords are encrypted with a key file in the data folder, which only your user can read.',
  } satisfies Record<SecretsProtection, string>,
  group: 'Group',
  groupHint: 'A site, a floor, a gate: cameras that belong together.',
  transport: 'RTSP over',
  transports: { auto: 'Automatic', tcp: 'TCP', udp: 'UDP' },
  consent: 'This web server on my machine is a camera',
  consentHint: 'Asked once for each camera: web servers here are seldom cameras.',
  look: 'Look at it',
  looking: 'Looking at it …',
  lookingHint: 'At most 8 seconds; other cameras do not notice.',
  pictureOf: (address: string) => `Picture of ${address}`,
  size: 'Size',
  codec: 'Codec',
  rate: 'Rate',
  transportShown: 'Over',
  cost: 'Cost',
  rateUnknown: 'not told',
  other: (width: number, height: number) =>
    `It has another stream too, ${format.plain(width)} × ${format.plain(height)}.`,
  useOther: 'Use that one',
  smallerIsEnough: 'The smaller one is enough for the analysis, and cheaper.',
  discover: 'Look for cameras',
  discovering: 'Asking the network …',
  discoverText:
    'Asks all ONVIF cameras in the networks of this machine. User name and password are tried on those you choose; they are proved to the camera, not sent.',
  noneFound: 'No camera answered',
  noneFoundText:
    'Cameras answer when ONVIF is switched on in them and they are in the same network. You can add one by its address.',
  device: 'Camera',
  host: 'Address',
  stream: 'Stream',
  choose: (name: string) => `Choose ${name}`,
  chooseAll: 'Choose all cameras',
  askStreams: 'Ask the chosen ones for their streams',
  streamOf: (name: string) => `Stream of ${name}`,
  streamWords: (name: string, width: number | null, height: number | null, codec: string | null, fps: number | null) =>
    [
      width === null || height === null ? name : `${format.plain(width)} × ${format.plain(height)}`,
      codec?.toUpperCase() ?? null,
      fps === null ? null : `${format.plain(fps)} fps`,
    ]
      .filter((part) => part !== null)
      .join(' · '),
  addChosen: (n: number) => (n === 1 ? 'Add 1 camera' : `Add ${format.count(n)} cameras`),
  added: 'Added',
  waiting: 'Not asked yet',
  asking: 'Asking …',
  listText:
    'One camera a line, with the names of the columns in the first line: name, url, and where you like user, password, group, weight, tier, fps, slo. Or a JSON array of such objects.',
  listFile: 'File',
  listPaste: 'Or paste it here',
  listPlaceholder: 'name,url,user,password\nGate,rtsp://192.168.1.20/stream1,viewer,…',
  check: 'Check the list',
  line: 'Line',
  problem: 'What is wrong',
  fine: 'can be added',
  checked: (good: number, bad: number) =>
    bad === 0
      ? `${format.counted(good, 'camera', 'cameras')}, nothing wrong.`
      : `${format.counted(good, 'camera', 'cameras')} can be added, ${format.counted(bad, 'row has', 'rows have')} a problem.`,
  addAll: (n: number) => `Add all ${format.count(n)}`,
  addGood: (n: number) => `Add the ${format.count(n)} without a problem`,
  addedFromList: (n: number) => `${format.counted(n, 'camera', 'cameras')} added`,
  many: {
    title: (n: number) => `Change ${format.counted(n, 'camera', 'cameras')}`,
    text: 'What you leave as it is stays as each camera has it.',
    asItIs: 'As it is',
    on: 'On',
    off: 'Off',
    enabled: 'Switched on',
    newLogin: 'New password for all',
    save: 'Change them',
    saved: (n: number) => `${format.counted(n, 'camera', 'cameras')} changed`,
    chosen: (n: number) => `${format.counted(n, 'camera', 'cameras')} chosen`,
    change: 'Change …',
    clear: 'Choose none',
    failed: (name: string, reason: string) => `${name}: ${reason}`,
  },
} as const;
