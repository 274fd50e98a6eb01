import { z } from 'zod';
import { cameraLoginSchema, cameraSettingsSchema } from '../domain/camera.ts';
import { cameraImportSchema } from '../domain/camera-import.ts';
import { cameraBulkChangeSchema, cameraProbeQuestionSchema, onvifQuestionSchema } from '../domain/camera-changes.ts';
import { decodeModes } from '../domain/decoding.ts';
import { jobSpecSchema } from '../domain/job.ts';
import { laneSettingsSchema } from '../domain/lanes.ts';
import { loadTestSpecSchema } from '../domain/load-test.ts';
import { tierNames } from '../domain/model.ts';
import { adviceQuestionSchema, batchQuestionSchema, capacityQuestionSchema, tariffSchema } from '../domain/plan.ts';
import { reportFormats } from '../domain/report.ts';
import { scheduleSettingsSchema } from '../domain/schedule.ts';
import { wallChangeSchema } from '../domain/wall.ts';
import { NightshiftError } from '../errors.ts';
import type { CallInput, CallName, Parsers } from './calls.ts';

const id = z.string().min(1).max(200);
const withId = z.strictObject({ id });
const manyCameras = z.array(id).min(1).max(1000);
const epochMs = z.number().min(0).max(8.64e15).nullable();
const nothing = z.union([z.undefined(), z.null()]).transform(() => undefined);
const page = { offset: z.int().min(0), limit: z.int().min(1).max(500) };

const reportScope = z.strictObject({
  jobId: id.nullable(),
  cameraId: id.nullable(),
  sinceMs: epochMs,
  untilMs: epochMs,
});

const moment = z.number().min(0).max(8.64e15);
const recordingRange = { cameraId: id, fromMs: moment, toMs: moment };
const forwards = <T extends { fromMs: number; toMs: number }>(range: z.ZodType<T>): z.ZodType<T> =>
  range.refine(({ fromMs, toMs }) => fromMs < toMs, { message: 'it ends before it begins', path: ['toMs'] });

const reviewFilter = z.strictObject({
  kind: z.enum(['all', 'event', 'detection']),
  cameraIds: z.array(id).max(1000),
  jobIds: z.array(id).max(1000),
  labels: z.array(z.string().min(1).max(60)).max(1000),
  minScore: z.number().min(0).max(1),
  sinceMs: epochMs,
  untilMs: epochMs,
  reviewed: z.enum(['any', 'yes', 'no']),
});

/** Defaults would overwrite what a patch does not mention, so a patch has none. */
const patchOf = <Shape extends z.ZodRawShape>(settings: z.ZodObject<Shape>) =>
  z
    .strictObject(
      Object.fromEntries(
        Object.entries(settings.shape).map(([key, field]) => [
          key,
          field instanceof z.ZodDefault ? field.unwrap() : field,
        ]),
      ) as unknown as Shape,
    )
    .partial();

const schemas: { readonly [K in CallName]: z.ZodType<CallInput<K>> } = {
  'app.overview': nothing,
  'cameras.add': cameraSettingsSchema.extend({ login: cameraLoginSchema.nullable().optional() }),
  'cameras.update': z.strictObject({ id, settings: patchOf(cameraSettingsSchema) }) as z.ZodType<
    CallInput<'cameras.update'>
  >,
  'cameras.updateMany': z.strictObject({ ids: manyCameras, settings: cameraBulkChangeSchema }),
  'cameras.setPassword': z.strictObject({ ids: manyCameras, login: cameraLoginSchema.nullable() }),
  'cameras.probe': cameraProbeQuestionSchema,
  'cameras.import': cameraImportSchema,
  'cameras.discover': z.strictObject({ waitMs: z.number().min(100).max(10_000) }),
  'cameras.onvifStreams': onvifQuestionSchema,
  'cameras.remove': withId,
  'cameras.history': z.strictObject({ cameraId: id, fromMs: z.number(), toMs: z.number() }),
  'cameras.timeline': forwards(
    z.strictObject({
      cameraIds: z.array(id).max(1000),
      fromMs: moment,
      toMs: moment,
      buckets: z.int().min(1).max(4_000),
    }),
  ),
  'cameras.health': z.strictObject({ cameraId: id }),
  'cameras.acceptNormal': z.strictObject({ cameraId: id }),
  'jobs.create': jobSpecSchema,
  'jobs.estimate': jobSpecSchema,
  'jobs.get': withId,
  'jobs.pause': withId,
  'jobs.resume': withId,
  'jobs.cancel': withId,
  'jobs.retryFailed': withId,
  'jobs.failures': z.strictObject({ id, ...page }),
  'schedules.list': nothing,
  'schedules.create': scheduleSettingsSchema,
  'schedules.update': z.strictObject({ id, settings: patchOf(scheduleSettingsSchema) }) as z.ZodType<
    CallInput<'schedules.update'>
  >,
  'schedules.remove': withId,
  'schedules.runNow': withId,
  'schedules.history': z.strictObject({ id, limit: z.int().min(1).max(200) }),
  'review.list': z.strictObject({ filter: reviewFilter, ...page }),
  'review.mark': z.strictObject({ eventIds: z.array(z.int().positive()).min(1).max(10_000), reviewed: z.boolean() }),
  'reports.preview': reportScope,
  'reports.export': z.strictObject({
    scope: reportScope,
    format: z.enum(reportFormats),
    file: z.string().min(1).max(4096).nullable(),
  }),
  'reports.list': nothing,
  'recordings.coverage': z.strictObject(recordingRange),
  'playback.open': z.strictObject({ cameraId: id, atMs: moment, paused: z.boolean() }),
  'playback.control': z.strictObject({
    sessionId: id,
    atMs: moment.optional(),
    speed: z.number().min(0.25).max(16).optional(),
    paused: z.boolean().optional(),
    step: z.union([z.literal(-1), z.literal(1)]).optional(),
  }),
  'playback.close': z.strictObject({ sessionId: id }),
  'playback.found': forwards(z.strictObject(recordingRange)),
  'recordings.status': nothing,
  'recordings.keep': z.strictObject(recordingRange),
  'recordings.unkeep': z.strictObject(recordingRange),
  'recordings.export': z.strictObject({ ...recordingRange, file: z.string().min(1).max(4096).nullable() }),
  'repairs.start': nothing,
  'models.list': nothing,
  'system.status': nothing,
  'system.tryProviders': nothing,
  'system.tryDecoders': nothing,
  'system.setHardwareDecode': z.strictObject({ mode: z.enum(decodeModes) }),
  'system.selfCheck': nothing,
  'lanes.configure': patchOf(laneSettingsSchema) as z.ZodType<CallInput<'lanes.configure'>>,
  'lanes.timeline': forwards(
    z.strictObject({
      fromMs: z.number(),
      toMs: z.number(),
      buckets: z.int().min(1).max(4_000),
      maxRuns: z.int().min(0).max(10_000),
    }),
  ),
  'lanes.calibrate': z.strictObject({ modelId: z.string().min(1).max(200), tier: z.enum(tierNames) }),
  'lanes.stopCalibration': nothing,
  'plan.capacity': capacityQuestionSchema,
  'plan.batch': batchQuestionSchema,
  'plan.advise': adviceQuestionSchema,
  'plan.setTariff': tariffSchema,
  'loadTest.start': loadTestSpecSchema,
  'loadTest.stop': nothing,
  'loadTest.latest': nothing,
  'wall.get': nothing,
  'wall.save': wallChangeSchema,
  'notices.list': nothing,
  'notices.dismiss': z.strictObject({ id: z.int() }), // negative: the store could not take it
  'files.browse': z.strictObject({ path: z.string().min(1).max(4096).nullable() }),
  'files.choose': z.strictObject({
    kind: z.enum(['folder', 'files', 'save']),
    suggestedName: z.string().max(255).optional(),
  }),
};

function parserOf<K extends CallName>(name: K): (raw: unknown) => CallInput<K> {
  return (raw) => {
    const parsed = schemas[name].safeParse(raw);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const field = issue === undefined ? '' : issue.path.join('.');
    throw new NightshiftError({
      kind: 'bad-input',
      message: `${name}: ${field === '' ? '' : `${field}: `}${issue?.message ?? 'not understood'}`,
      where: name,
    });
  };
}

export const parsers = Object.fromEntries(
  (Object.keys(schemas) as CallName[]).map((name) => [name, parserOf(name)]),
) as unknown as Parsers;
