import type { ToDecoder } from './messages.ts';
import { StreamScreen } from './stream-screen.ts';

// Entry of the worker that decodes and draws one enlarged camera; ended by the page, with everything in it.
const screen = new StreamScreen((message) => {
  self.postMessage(message);
});
self.onmessage = ({ data }: MessageEvent<ToDecoder>) => {
  screen.hear(data);
};
