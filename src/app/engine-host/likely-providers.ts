/** What is looked at on the machine; handed in, so that any machine can be made up. */
export interface MachineLook {
  readonly platform: string;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Names in a folder; none where there is no such folder. */
  readonly names: (folder: string) => Promise<readonly string[]>;
  /** Content of a small file; null where it cannot be read. */
  readonly text: (file: string) => Promise<string | null>;
}

export interface LikelyProviders {
  /** Execution providers of this platform, `cpu` last. `unlikely`: why it need not be tried, in words; null: try it. */
  readonly candidates: readonly { readonly provider: string; readonly unlikely: string | null }[];
  /** Graphics devices as the system names them; empty where it does not tell without being asked for long. */
  readonly devices: readonly string[];
}

/**
 * Which execution providers are worth a try here. Only looks at names of files, so that a machine without a graphics
 * device starts as fast as before; whoever doubts the answer tries them all (`doctor` does).
 */
export async function likelyProviders(look: MachineLook): Promise<LikelyProviders> {
  const always = (provider: string) => ({ provider, unlikely: null });
  if (look.platform === 'win32') return { candidates: [always('dml'), always('webgpu'), always('cpu')], devices: [] };
  if (look.platform === 'darwin')
    return { candidates: [always('coreml'), always('webgpu'), always('cpu')], devices: [] };
  const nvidia = await nvidiaCards(look);
  const noCard = nvidia.length > 0 ? null : 'no NVIDIA card with its driver is here';
  return {
    candidates: [
      { provider: 'tensorrt', unlikely: noCard },
      { provider: 'cuda', unlikely: noCard },
      { provider: 'webgpu', unlikely: (await hasVulkanDriver(look)) ? null : 'no Vulkan driver is installed' },
      always('cpu'),
    ],
    devices: nvidia.length > 0 ? nvidia : await drmDevices(look),
  };
}

/** By the driver's own folder; under WSL there is only its library. */
export async function nvidiaCards({ names, text }: MachineLook): Promise<readonly string[]> {
  const folder = '/proc/driver/nvidia/gpus';
  const cards: string[] = [];
  for (const card of await names(folder)) {
    const model = /^Model:\s*(.+)$/m.exec((await text(`${folder}/${card}/information`)) ?? '')?.[1];
    cards.push(model?.trim() ?? 'NVIDIA card');
  }
  if (cards.length > 0) return cards;
  const devices = (await names('/dev')).filter((name) => /^nvidia\d+$/.test(name));
  if (devices.length > 0) return devices.map(() => 'NVIDIA card');
  return (await names('/usr/lib/wsl/lib')).includes('libcuda.so.1') ? ['NVIDIA card'] : [];
}

/** Where the Vulkan loader looks for drivers, in its own words: VK_DRIVER_FILES, then icd.d below the usual folders. */
async function hasVulkanDriver({ env, home, names }: MachineLook): Promise<boolean> {
  const named = env['VK_DRIVER_FILES'] ?? env['VK_ICD_FILENAMES'] ?? env['VK_ADD_DRIVER_FILES'];
  if (named !== undefined && named !== '') return true;
  const data = [
    env['XDG_DATA_HOME'] ?? `${home}/.local/share`,
    ...(env['XDG_DATA_DIRS'] ?? '/usr/local/share:/usr/share').split(':'),
  ];
  const config = [
    env['XDG_CONFIG_HOME'] ?? `${home}/.config`,
    ...(env['XDG_CONFIG_DIRS'] ?? '/etc/xdg').split(':'),
    '/etc',
    '/usr/local/etc',
  ];
  for (const folder of [...data, ...config]) {
    if (folder !== '' && (await names(`${folder}/vulkan/icd.d`)).some((name) => name.endsWith('.json'))) return true;
  }
  return false;
}

/** By vendor and device number: enough to notice that the card was changed. */
async function drmDevices({ names, text }: MachineLook): Promise<readonly string[]> {
  const devices: string[] = [];
  for (const node of (await names('/sys/class/drm')).filter((name) => name.startsWith('renderD'))) {
    const part = async (file: string): Promise<string> =>
      ((await text(`/sys/class/drm/${node}/device/${file}`)) ?? '?').trim().replace(/^0x/, '');
    devices.push(`GPU ${await part('vendor')}:${await part('device')}`);
  }
  return devices;
}
