import type { EngineReplies, EngineRequest } from '../../../shared/engine/protocol.ts';
import type { EngineChannel } from '../../ports.ts';

type Answer = EngineReplies[keyof EngineReplies] | 'crashes' | 'hangs';

/** An engine that does nothing but answer requests. */
export function answeringChannel(answer: (request: EngineRequest) => Answer): EngineChannel {
  let hear: Parameters<EngineChannel['onMessage']>[0] = () => undefined;
  let exit: Parameters<EngineChannel['onExit']>[0] = () => undefined;
  return {
    pid: 1,
    send: (message) => {
      if (message.type !== 'request') return;
      const value = answer(message.request);
      if (value === 'crashes') exit({ code: null, signal: 'SIGSEGV' });
      else if (value !== 'hangs') hear({ type: 'reply', requestId: message.requestId, value });
    },
    onMessage: (listener) => (hear = listener),
    onExit: (listener) => (exit = listener),
    kill: () => undefined,
    residentBytes: () => Promise.resolve(null),
    processorMs: () => Promise.resolve(null),
  };
}
