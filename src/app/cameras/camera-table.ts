import type { z } from 'zod';
import { cameraColumns, type CameraColumn } from '../../shared/domain/camera-import.ts';
import { cameraSettingsSchema, type CameraLogin, type CameraSettings } from '../../shared/domain/camera.ts';
import { NightshiftError } from '../../shared/errors.ts';
import { parseCsv } from '../files/parse-csv.ts';

/** More cameras than any machine analyses. */
const mostRows = 1_000;

/** A row of a list of cameras: what it would be, or why it cannot be read. Its URL may have a login in it. */
export interface TableRow {
  readonly line: number;
  readonly name: string;
  readonly url: string;
  readonly group: string;
  readonly read:
    | { readonly ok: true; readonly settings: CameraSettings; readonly login: CameraLogin | null }
    | { readonly ok: false; readonly problem: string };
}

type Values = ReadonlyMap<CameraColumn, unknown>;

/** Reads a list of cameras. @throws NightshiftError `bad-input` where it is none, or has a column that is not known */
export function readCameraTable(text: string, format: 'csv' | 'json'): readonly TableRow[] {
  const rows = format === 'csv' ? fromCsv(text) : fromJson(text);
  if (rows.length === 0) throw refusal('There is no camera in this list.');
  if (rows.length > mostRows) throw refusal(`A list has at most ${String(mostRows)} cameras; this one has more.`);
  return rows.map(({ line, values }) => rowOf(line, values));
}

function fromCsv(text: string): readonly { readonly line: number; readonly values: Values }[] {
  const [header, ...rows] = parseCsv(text);
  if (header === undefined) throw refusal('There is no camera in this list.');
  const columns = header.cells.map(columnOf);
  for (const needed of ['name', 'url'] as const) {
    if (!columns.includes(needed)) throw refusal(`The first line has to name the columns, and "${needed}" is missing.`);
  }
  return rows.map(({ line, cells }) => ({
    line,
    values: new Map(
      columns.flatMap((column, index) => (isEmpty(cells[index]) ? [] : [[column, cells[index]] as const])),
    ),
  }));
}

function fromJson(text: string): readonly { readonly line: number; readonly values: Values }[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own words quote the text, and with it passwords.
    throw refusal('This is not JSON.');
  }
  if (!Array.isArray(parsed)) throw refusal('A JSON list of cameras is an array of objects.');
  return parsed.map((entry: unknown, index) => {
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
      throw refusal(`Entry ${String(index + 1)} of the list is no object.`);
    }
    return {
      line: index + 1,
      values: new Map(
        Object.entries(entry).flatMap(([key, value]) =>
          isEmpty(value) ? [] : [[columnOf(key), value as unknown] as const],
        ),
      ),
    };
  });
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'string' && value.trim() === '');

/** Spelled as people do: `Motion gate`, `motion_gate`. */
function columnOf(name: string): CameraColumn {
  const bare = name.toLowerCase().replace(/[^a-z]/g, '');
  const found = cameraColumns.find((column) => column.toLowerCase() === bare);
  if (found === undefined) {
    throw refusal(`There is no column "${name.trim().slice(0, 40)}".`, `Known are: ${cameraColumns.join(', ')}.`);
  }
  return found;
}

function rowOf(line: number, values: Values): TableRow {
  const text = (column: CameraColumn): string => plain(values.get(column)).trim();
  const password = plain(values.get('password'));
  const shown = { line, name: text('name'), url: text('url'), group: text('group') };
  const bad = (problem: string): TableRow => ({ ...shown, read: { ok: false, problem } });
  if (shown.name === '') return bad('It has no name.');
  if (shown.url === '') return bad('It has no url.');
  if (text('user') === '' && password !== '') return bad('It has a password, but no user.');
  const given = {
    name: shown.name,
    url: shown.url,
    largeUrl: text('large') === '' ? null : text('large'),
    group: shown.group,
    weight: values.get('weight'),
    tier: values.get('tier'),
    analysisFps: number(values.get('fps')),
    sloMs: number(values.get('slo')),
    modelId: values.get('model'),
    transport: values.get('transport'),
    motionGate: yesOrNo(values.get('motionGate')),
    recording: values.get('recording'),
    keepDays: number(values.get('keepDays')),
    enabled: yesOrNo(values.get('enabled')),
  };
  const parsed = cameraSettingsSchema.safeParse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  );
  if (!parsed.success) return bad(problemOf(parsed.error));
  const login = text('user') === '' ? null : { user: text('user'), password };
  return { ...shown, read: { ok: true, settings: parsed.data, login } };
}

const plain = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

/** As it is where it is no number: the schema says what it should be. */
function number(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const read = Number(value.trim().replace(/^(\d+),(\d+)$/, '$1.$2'));
  return Number.isNaN(read) ? value : read;
}

function yesOrNo(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (/^(yes|true|on|1)$/i.test(value.trim())) return true;
  return /^(no|false|off|0)$/i.test(value.trim()) ? false : value;
}

const columnOfSetting: Readonly<Record<string, CameraColumn>> = {
  analysisFps: 'fps',
  sloMs: 'slo',
  modelId: 'model',
  largeUrl: 'large',
};

function problemOf(error: z.ZodError): string {
  const issue = error.issues[0];
  const setting = String(issue?.path[0] ?? '');
  return `${columnOfSetting[setting] ?? setting}: ${issue?.message ?? 'not understood'}.`;
}

const refusal = (message: string, hint?: string): NightshiftError =>
  new NightshiftError({ kind: 'bad-input', message, ...(hint === undefined ? {} : { hint }) });
