import type { IncomingMessage } from 'node:http';
import type { FailureKind } from '../../shared/domain/job.ts';
import { toErrorValue } from '../../shared/errors.ts';
import type { PictureApi } from '../infer/picture-api.ts';
import {
  defaultDeadlineMs,
  mostPictureBytes,
  optionsOf,
  pictureOptionsSchema,
  reviewOptionsSchema,
  type Admission,
  type PictureOutcome,
} from '../infer/picture-request.ts';
import type { Reply } from './reply.ts';
import { errorReply, jsonReply } from './reply.ts';
import { BodyTooLarge, readBytes } from './request-body.ts';

const pictureTypes = ['image/jpeg', 'image/png', 'image/webp'];
const pollAgainS = '1';

/** `/v1/…`: pictures from programs. Null: the path is none of these. Whoever asks has been let in already. */
export async function pictureReply(pictures: PictureApi, url: URL, request: IncomingMessage): Promise<Reply | null> {
  const { pathname } = url;
  const id = /^\/v1\/review\/([\w-]{1,64})$/.exec(pathname)?.[1];
  const isPost = pathname === '/v1/infer' || pathname === '/v1/review';
  if (!isPost && id === undefined && pathname !== '/v1/stats') return null;
  if (isPost ? request.method !== 'POST' : request.method !== 'GET') return notAllowed(isPost ? 'POST' : 'GET');
  try {
    if (id !== undefined) return await reviewReply(pictures, id);
    if (pathname === '/v1/stats') return jsonReply(200, await pictures.stats());
    return await takePicture(pictures, url, request);
  } catch (caught) {
    if (!(caught instanceof BodyTooLarge)) return errorReply(toErrorValue(caught));
    request.resume();
    return errorReply({ kind: 'bad-input', message: `A picture has at most ${String(mostPictureBytes)} bytes.` }, 413);
  }
}

async function takePicture(pictures: PictureApi, url: URL, request: IncomingMessage): Promise<Reply> {
  const isReview = url.pathname === '/v1/review';
  const infer = isReview ? null : optionsOf(pictureOptionsSchema, url.searchParams);
  const review = isReview ? optionsOf(reviewOptionsSchema, url.searchParams) : null;
  const deadlineMs = (review ?? infer)?.deadlineMs ?? defaultDeadlineMs;
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!pictureTypes.includes(type)) {
    const message = `Send the picture's bytes as content-type ${pictureTypes.join(', ')}.`;
    return errorReply({ kind: 'bad-input', message }, 415);
  }
  const length = request.headers['content-length'];
  if (Number(length ?? 0) > mostPictureBytes) throw new BodyTooLarge();
  const admission = pictures.admit(length === undefined ? mostPictureBytes : Number(length), deadlineMs);
  if (admission === null) {
    request.resume();
    return refusedReply('The queue is full, or too long for this deadline.', 1);
  }
  try {
    const bytes = await readBytes(request, mostPictureBytes);
    return review === null
      ? await inferReply(pictures, admission, bytes, infer ?? pictureOptionsSchema.parse({}))
      : await acceptReply(pictures, admission, bytes, review);
  } finally {
    admission.release();
  }
}

async function inferReply(
  pictures: PictureApi,
  admission: Admission,
  bytes: Uint8Array,
  options: Parameters<PictureApi['infer']>[2],
): Promise<Reply> {
  const outcome = await pictures.infer(admission, bytes, options);
  return outcome.is === 'answered' ? jsonReply(200, outcome.answer) : withoutBoxes(outcome);
}

async function acceptReply(
  pictures: PictureApi,
  admission: Admission,
  bytes: Uint8Array,
  options: Parameters<PictureApi['review']>[2],
): Promise<Reply> {
  const outcome = await pictures.review(admission, bytes, options);
  if (outcome.is !== 'accepted') return withoutBoxes(outcome);
  const reply = jsonReply(202, outcome.review);
  return { ...reply, headers: { ...reply.headers, location: `/v1/review/${outcome.review.id}` } };
}

async function reviewReply(pictures: PictureApi, id: string): Promise<Reply> {
  const review = await pictures.findReview(id);
  if (review === null) {
    return errorReply({ kind: 'not-found', message: 'There is no review of this id (any more).', where: id });
  }
  if (review.state !== 'pending') return jsonReply(200, review);
  const reply = jsonReply(202, review);
  return { ...reply, headers: { ...reply.headers, 'retry-after': pollAgainS } };
}

function withoutBoxes(outcome: Exclude<PictureOutcome, { readonly is: 'answered' }>): Reply {
  switch (outcome.is) {
    case 'refused':
      return refusedReply(outcome.reason, outcome.retryAfterS);
    case 'late':
      return errorReply({
        kind: 'timed-out',
        message: outcome.reason,
        hint: 'Send fewer at a time, or give a longer deadline.',
      });
    case 'unusable':
      return errorReply({ kind: 'bad-input', message: outcome.reason }, unusableStatus(outcome.kind));
  }
}

function unusableStatus(kind: FailureKind): number {
  if (kind === 'unsupported') return 415;
  return kind === 'too-large' ? 413 : 422;
}

/** 503: the same request may be made again, after so many seconds. */
function refusedReply(message: string, retryAfterS: number): Reply {
  const hint = `Try again in ${String(retryAfterS)} s.`;
  const reply = errorReply({ kind: 'conflict', message, hint }, 503);
  return { ...reply, headers: { ...reply.headers, 'retry-after': String(retryAfterS) } };
}

function notAllowed(allow: string): Reply {
  const reply = errorReply({ kind: 'unsupported', message: `This address takes ${allow} only.` }, 405);
  return { ...reply, headers: { ...reply.headers, allow } };
}
