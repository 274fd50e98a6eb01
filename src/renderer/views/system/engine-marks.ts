import type { EngineStateName } from '../../../shared/domain/system.ts';

/** A colour and a shape a state of the engine: neither stands alone. */
export const engineColours: Readonly<Record<EngineStateName, string>> = {
  starting: 'text-motion',
  warming: 'text-motion',
  ready: 'text-ok',
  lost: 'text-alert',
  stopped: 'text-alert',
};
export const engineMarks: Readonly<Record<EngineStateName, string>> = {
  starting: '○',
  warming: '○',
  ready: '●',
  lost: '▲',
  stopped: '■',
};
