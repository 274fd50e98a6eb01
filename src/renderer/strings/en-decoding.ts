import { decoderText, type DecodeMode, type DecoderInUse } from '../../shared/domain/decoding.ts';

/** Who makes pictures out of the cameras' packets. */
export const decoding = {
  /** Of one camera. */
  label: 'Decoding',
  hint: 'Hardware takes the work off the processor where it can decode this camera. The camera list says who does it, and why.',
  modes: { auto: 'By hardware where possible', off: 'By the processor' } satisfies Record<DecodeMode, string>,
  line: (decoder: DecoderInUse): string => decoderText(decoder),
  /** Of the machine. */
  title: 'Decoding of cameras',
  text: 'Which hardware decodes cameras was tried once, in a process of its own. Each camera says who decodes it in the camera list.',
  everywhere: 'All cameras',
  columns: { hardware: 'Hardware', codecs: 'Decodes', why: 'Found' },
  nothing: 'nothing',
  none: 'No hardware decoder is known for this system: the processor decodes.',
  setAside: (why: string): string => `Not used for now: ${why}.`,
  tryAgain: 'Try again',
  tryHint: 'A few seconds; cameras are opened anew where it changes something.',
  tried: 'The hardware decoders were tried.',
};
