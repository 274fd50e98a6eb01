import type { EngineRequest, FromEngine } from '../../shared/engine/protocol.ts';
import { tinyJpeg, type EngineScript } from './engine-script.ts';

type Answer = Extract<FromEngine, { type: 'reply' | 'refused' }>;
/** Requests that take none of the engine's time. */
type QuickRequest = Exclude<EngineRequest, { type: 'load-model' | 'warm' }>;

export function quickAnswer(script: EngineScript, requestId: number, request: QuickRequest): Answer {
  const reply = (value: Extract<Answer, { type: 'reply' }>['value']): Answer => ({ type: 'reply', requestId, value });
  switch (request.type) {
    case 'inspect':
      return reply({ kind: 'picture', width: 640, height: 480, codec: 'mjpeg', durationMs: null, fps: null });
    case 'still':
      return reply({ jpeg: tinyJpeg });
    case 'probe': {
      const found = script.probe(request.url);
      if (typeof found !== 'string') return reply({ ...found, jpeg: tinyJpeg });
      return { type: 'refused', requestId, fault: { kind: 'unreadable', message: found } };
    }
    case 'discover-cameras':
      return reply({ devices: [], usb: [], missed: null });
    case 'snapshot':
      return reply({ jpeg: script.snapshot(request.cameraId, request.capturedAtMs) });
    case 'try-decoder':
    case 'measure-provider':
      return reply({ works: false, why: 'scripted' });
    case 'onvif-streams':
    case 'export-recording':
    case 'mend-recording':
      return { type: 'refused', requestId, fault: { kind: 'unsupported', message: 'scripted' } };
  }
}
