import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { CameraRecording } from '../../shared/domain/recording.ts';
import { ok } from '../../shared/errors.ts';
import type { ApplicationState } from './application.svelte.ts';
import { RecordingStates } from './recording-states.svelte.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('that a camera is recorded from its small stream is news, also while the recording goes on', async () => {
  let camera = { cameraId: 'yard', mode: 'continuous', state: 'recording', reason: null, smallBecause: null };
  const app = { call: () => Promise.resolve(ok({ cameras: [camera] })) } as unknown as Pick<ApplicationState, 'call'>;
  const states = new RecordingStates(app);
  const asked = async (change: Partial<CameraRecording>): Promise<CameraRecording | null> => {
    camera = { ...camera, ...change } as typeof camera;
    states.start()();
    await vi.advanceTimersByTimeAsync(0);
    return states.of('yard');
  };
  expect(await asked({})).toMatchObject({ state: 'recording', smallBecause: null });
  const before = states.of('yard');
  expect(await asked({ bytes: 7 })).toBe(before);
  expect(await asked({ smallBecause: 'The connection was refused.' })).toMatchObject({
    smallBecause: 'The connection was refused.',
  });
  expect(await asked({ mode: 'events' })).toMatchObject({ mode: 'events' });
});
