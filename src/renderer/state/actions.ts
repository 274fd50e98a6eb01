import { toast } from 'svelte-sonner';
import type { CallInput } from '../../shared/contract/calls.ts';
import type { Camera, CameraSettings } from '../../shared/domain/camera.ts';
import type { JobSpec, JobSummary } from '../../shared/domain/job.ts';
import type { LaneSettings } from '../../shared/domain/lanes.ts';
import { describeError, type ErrorValue, type Result } from '../../shared/errors.ts';
import { words } from '../strings/words.ts';
import { removeLater } from './remove-later.ts';
import type { Shell } from './shell.svelte.ts';
import { undoMs } from './undo.svelte.ts';

/** What operators do from more than one place. A failure is told in words and leaves things as they were. */
export function tellFailure(error: ErrorValue): void {
  toast.error(describeError(error), { duration: 12_000 });
}

export const newCamera: CameraSettings = {
  name: '',
  url: '',
  largeUrl: null,
  enabled: true,
  transport: 'auto',
  analysisFps: 5,
  sloMs: 200,
  weight: 'normal',
  modelId: 'nanodet-g',
  tier: 'normal',
  motionGate: false,
  recording: 'off',
  keepDays: null,
  repair: true,
  hardwareDecode: 'auto',
  allowLoopback: false,
  group: '',
};

export const newScan: JobSpec = {
  paths: [],
  lists: [],
  recursive: true,
  include: [],
  exclude: [],
  modelId: 'nanodet-g',
  tier: 'normal',
  fps: 5,
  sampling: null,
  span: null,
  batch: 'auto',
  classes: null,
  score: null,
  motionGate: false,
  weight: 1,
};

export const defaultModelId = (shell: Shell): string =>
  (shell.app.models.find((model) => model.isDefault) ?? shell.app.models[0])?.id ?? newCamera.modelId;

/** Which model at which size. */
export type Work = CallInput<'lanes.calibrate'>;

/** Model and tier of the first camera that is on (and whose model is listed): what most questions here are about. */
export function workInUse(shell: Shell): Work {
  const isListed = (modelId: string): boolean => shell.app.models.some(({ id }) => id === modelId);
  const camera = shell.app.cameras.find(({ enabled, modelId }) => enabled && isListed(modelId));
  return { modelId: camera?.modelId ?? defaultModelId(shell), tier: camera?.tier ?? newCamera.tier };
}

export async function tryDemoCamera(shell: Shell): Promise<void> {
  if (shell.app.demo === null) return;
  const answer = await shell.app.call('cameras.add', {
    ...newCamera,
    name: words.start.demoCameraName,
    url: shell.app.demo.cameraUrl,
    modelId: defaultModelId(shell),
  });
  if (!answer.ok) {
    tellFailure(answer.error);
    return;
  }
  toast(words.start.demoCameraAdded);
  await shell.app.reload();
  shell.route.go('live');
}

export async function scanDemoNight(shell: Shell): Promise<void> {
  if (shell.app.demo === null) return;
  await createScan(shell, {
    ...newScan,
    paths: [shell.app.demo.nightPath],
    name: words.start.demoNightName,
    modelId: defaultModelId(shell),
  });
}

/** Answers whether it was taken. */
export async function createScan(shell: Shell, spec: JobSpec): Promise<Result<JobSummary>> {
  const answer = await shell.app.call('jobs.create', spec);
  if (answer.ok) {
    shell.app.takeJob(answer.value);
    toast.success(words.start.scanCreated(answer.value.name));
    shell.route.go('jobs', answer.value.id);
  } else {
    tellFailure(answer.error);
  }
  return answer;
}

export async function changeJob(
  shell: Shell,
  call: 'jobs.pause' | 'jobs.resume' | 'jobs.cancel' | 'jobs.retryFailed',
  id: string,
): Promise<void> {
  const answer = await shell.app.call(call, { id });
  if (answer.ok) shell.app.takeJob(answer.value);
  else tellFailure(answer.error);
}

/** Stops the scan at once by a pause and cancels it 10 s later, so that the undo loses nothing. */
export async function cancelJob(shell: Shell, job: JobSummary): Promise<void> {
  const key = `job:${job.id}`;
  const wasActive = job.state === 'running' || job.state === 'enumerating' || job.state === 'queued';
  if (wasActive) await changeJob(shell, 'jobs.pause', job.id);
  const notice = toast(words.jobs.cancelPending(job.name), {
    duration: undoMs,
    action: { label: words.common.undo, onClick: () => void shell.acts.undo(key) },
  });
  shell.acts.add({
    key,
    run: () => changeJob(shell, 'jobs.cancel', job.id),
    undone: async () => {
      toast.dismiss(notice);
      if (wasActive) await changeJob(shell, 'jobs.resume', job.id);
    },
  });
}

export function removeCamera(shell: Shell, camera: Camera): void {
  removeLater(shell, `camera:${camera.id}`, words.cameras.removing(camera.name), async () => {
    const answer = await shell.app.call('cameras.remove', { id: camera.id });
    if (!answer.ok) tellFailure(answer.error);
    await shell.app.reload();
  });
}

/** What it shows from now on is normal. */
export async function acceptNormal(shell: Shell, camera: Camera): Promise<void> {
  const answer = await shell.app.call('cameras.acceptNormal', { cameraId: camera.id });
  if (answer.ok) toast(words.health.acceptedNow(camera.name));
  else tellFailure(answer.error);
}

export async function updateCamera(shell: Shell, id: string, settings: Partial<CameraSettings>): Promise<void> {
  const answer = await shell.app.call('cameras.update', { id, settings });
  if (!answer.ok) tellFailure(answer.error);
  await shell.app.reload();
}

/** Sets the slot, and offers for a while to set back what was changed. `told` is what happened, in words. */
export async function configureLanes(shell: Shell, wanted: Partial<LaneSettings>, told: string): Promise<boolean> {
  const before = shell.app.lanes?.settings;
  const answer = await shell.app.call('lanes.configure', wanted);
  if (!answer.ok) {
    tellFailure(answer.error);
    return false;
  }
  shell.app.takeLaneSettings(answer.value);
  if (before === undefined) return true;
  const keys = Object.keys(wanted) as (keyof LaneSettings)[];
  const previous = Object.fromEntries(keys.map((key) => [key, before[key]])) as Partial<LaneSettings>;
  toast(told, {
    duration: undoMs,
    action: { label: words.common.undo, onClick: () => void restoreLanes(shell, previous) },
  });
  return true;
}

async function restoreLanes(shell: Shell, previous: Partial<LaneSettings>): Promise<void> {
  const answer = await shell.app.call('lanes.configure', previous);
  if (!answer.ok) {
    tellFailure(answer.error);
    return;
  }
  shell.app.takeLaneSettings(answer.value);
  toast(words.system.settings.restored);
}

export async function calibrate(shell: Shell, work: Work): Promise<void> {
  const answer = await shell.app.call('lanes.calibrate', work);
  if (!answer.ok) tellFailure(answer.error);
}

export async function stopCalibration(shell: Shell): Promise<void> {
  const answer = await shell.app.call('lanes.stopCalibration', undefined);
  if (!answer.ok) tellFailure(answer.error);
}
