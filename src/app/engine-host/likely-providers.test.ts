import { expect, test } from 'vitest';
import { likelyProviders, type MachineLook } from './likely-providers.ts';
import { machineOf as machine } from './testing/machine-of.ts';

const likely = async (look: MachineLook): Promise<readonly string[]> =>
  (await likelyProviders(look)).candidates.filter(({ unlikely }) => unlikely === null).map(({ provider }) => provider);

test('a machine without a card has the CPU, and a reason for each of the others', async () => {
  const { candidates, devices } = await likelyProviders(machine({}));
  expect(candidates.map(({ provider }) => provider)).toEqual(['tensorrt', 'cuda', 'webgpu', 'cpu']);
  expect(candidates.find(({ provider }) => provider === 'webgpu')?.unlikely).toContain('Vulkan');
  expect(candidates.find(({ provider }) => provider === 'cuda')?.unlikely).toContain('NVIDIA');
  expect(devices).toEqual([]);
  expect(await likely(machine({}))).toEqual(['cpu']);
});

test('an NVIDIA card by its driver, by its device, or under WSL', async () => {
  const gpu = '/proc/driver/nvidia/gpus/0000:01:00.0/information';
  const look = machine({ [gpu]: 'Model: \t NVIDIA L4\nIRQ:  99\n' });
  expect((await likelyProviders(look)).devices).toEqual(['NVIDIA L4']);
  expect(await likely(look)).toEqual(['tensorrt', 'cuda', 'cpu']);
  expect((await likelyProviders(machine({ '/dev/nvidia0': '', '/dev/nvidiactl': '' }))).devices).toHaveLength(1);
  expect(await likely(machine({ '/usr/lib/wsl/lib/libcuda.so.1': '' }))).toContain('cuda');
});

test('Vulkan where the loader would find a driver', async () => {
  const other = {
    '/usr/share/vulkan/icd.d/radeon.json': '{}',
    '/sys/class/drm/renderD128/device/vendor': '0x1002\n',
    '/sys/class/drm/renderD128/device/device': '0x73bf\n',
  };
  expect(await likely(machine(other))).toEqual(['webgpu', 'cpu']);
  expect((await likelyProviders(machine(other))).devices).toEqual(['GPU 1002:73bf']);
  expect(await likely(machine({ '/usr/share/vulkan/icd.d/README': '' }))).toEqual(['cpu']);
  expect(await likely(machine({}, { env: { VK_ICD_FILENAMES: '/opt/soft.json' } }))).toEqual(['webgpu', 'cpu']);
});

test('Windows and macOS have theirs', async () => {
  expect(await likely(machine({}, { platform: 'win32' }))).toEqual(['dml', 'webgpu', 'cpu']);
  expect(await likely(machine({}, { platform: 'darwin' }))).toEqual(['coreml', 'webgpu', 'cpu']);
});
