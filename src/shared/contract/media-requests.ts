import { z } from 'zod';
import type { MediaRequest } from './media.ts';

const cameraId = z.string().min(1).max(200);

const mediaRequestSchema: z.ZodType<MediaRequest> = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('watch'),
    cameraId,
    maxFps: z.number().min(0.1).max(60),
    maxWidth: z.int().min(160).max(3840).optional(),
  }),
  z.strictObject({ type: z.literal('unwatch'), cameraId }),
  z.strictObject({ type: z.literal('ack'), cameraId }),
  z.strictObject({ type: z.literal('stream'), cameraId }),
  z.strictObject({ type: z.literal('unstream'), cameraId }),
  z.strictObject({ type: z.literal('ack-stream'), cameraId }),
]);

/** What a viewer sent, or null where it is not a media request. Apart from `media.ts` so that no page carries zod for it. */
export function parseMediaRequest(raw: unknown): MediaRequest | null {
  const parsed = mediaRequestSchema.safeParse(raw);
  return parsed.success ? parsed.data : null;
}
