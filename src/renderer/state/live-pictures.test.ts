import { describe, expect, it } from 'vitest';
import type { MediaRequest, Picture } from '../../shared/contract/media.ts';
import type { EventMessage } from '../../shared/contract/events.ts';
import type { Api } from '../api.ts';
import { LivePictures, type CameraResult, type PictureViewer } from './live-pictures.ts';

/** The host's side of the media path, and everything that was asked of it. */
function host() {
  const asked: MediaRequest[] = [];
  let hear: (picture: Picture) => void = () => undefined;
  let tell: (message: EventMessage) => void = () => undefined;
  let open: () => void = () => undefined;
  const undo = (): void => undefined;
  const api = {
    onEvent(listener: typeof tell) {
      tell = listener;
      return undo;
    },
    media: {
      request(message: MediaRequest) {
        asked.push(message);
      },
      onPicture(listener: typeof hear) {
        hear = listener;
        return undo;
      },
      onOpen(listener: typeof open) {
        open = listener;
        return undo;
      },
    },
  } as unknown as Api;
  const pictures = new LivePictures(api);
  pictures.start();
  return {
    asked,
    pictures,
    reopen: () => {
      open();
    },
    picture: () => {
      hear({
        header: { cameraId: 'gate', capturedAtMs: 1, width: 4, height: 4, analysed: true },
        jpeg: new Uint8Array(),
      });
    },
    result: () => {
      tell({
        event: 'cameras.result',
        payload: { cameraId: 'gate', capturedAtMs: 1, width: 4, height: 4, detections: [] },
      });
    },
  };
}

function viewer(): PictureViewer & { pictures: number; results: CameraResult[] } {
  return {
    pictures: 0,
    results: [],
    picture(_picture, ack) {
      this.pictures += 1;
      ack();
    },
    result(result) {
      this.results.push(result);
    },
  };
}

const watch = (maxFps: number): MediaRequest => ({ type: 'watch', cameraId: 'gate', maxFps });
const unwatch: MediaRequest = { type: 'unwatch', cameraId: 'gate' };

describe('LivePictures', () => {
  it('asks for what is watched and for nothing else', () => {
    const { asked, pictures, reopen } = host();
    const small = pictures.watch('gate', { maxFps: 5 }, viewer());
    const large = pictures.watch('gate', { maxFps: 10 }, viewer());
    large();
    expect(asked).toEqual([watch(5), watch(10), watch(5)]);
    reopen();
    small();
    expect(asked.slice(3)).toEqual([watch(5), unwatch]);
    reopen();
    expect(asked).toHaveLength(5);
  });

  it('asks for the widest picture that a viewer of pictures wants', () => {
    const { asked, pictures } = host();
    pictures.watch('gate', { maxFps: 5 }, viewer());
    const large = pictures.watch('gate', { maxFps: 5, maxWidth: 1920 }, viewer());
    pictures.watch('gate', { maxFps: 0, maxWidth: 3840 }, viewer());
    large();
    expect(asked).toEqual([watch(5), { ...watch(5), maxWidth: 1920 }, watch(5)]);
  });

  it('a viewer of results alone costs no pictures', () => {
    const { asked, pictures, picture, result, reopen } = host();
    const only = viewer();
    const stop = pictures.watch('gate', { maxFps: 0 }, only);
    reopen();
    result();
    picture();
    expect(only).toMatchObject({ pictures: 0, results: [{ capturedAtMs: 1 }] });
    stop();
    // The one that came all the same is answered, so that the host is not left waiting.
    expect(asked).toEqual([{ type: 'ack', cameraId: 'gate' }]);
  });

  it('a picture is answered once all its viewers have taken it', () => {
    const { asked, pictures, picture } = host();
    const owed: (() => void)[] = [];
    const slow: PictureViewer = { picture: (_picture, ack) => owed.push(ack), result: () => undefined };
    pictures.watch('gate', { maxFps: 10 }, slow);
    pictures.watch('gate', { maxFps: 10 }, viewer());
    picture();
    expect(asked).toEqual([watch(10)]);
    owed[0]?.();
    expect(asked).toEqual([watch(10), { type: 'ack', cameraId: 'gate' }]);
  });
});
