import type { CameraImport, CameraImportRequest, CameraImportRow } from '../../shared/domain/camera-import.ts';
import type { Camera, CameraLogin, CameraSettings } from '../../shared/domain/camera.ts';
import { describeError, toErrorValue } from '../../shared/errors.ts';
import { redactTyped } from '../../shared/redact-addresses.ts';
import { readCameraTable, type TableRow } from './camera-table.ts';
import { readCameraUrl } from './camera-url.ts';

/** What an import does to the cameras of the data folder. */
export interface ImportTarget {
  list(): readonly Camera[];
  /** The whole address of a camera of the list, also what is not shown of it; null: it cannot be read. */
  wholeUrl(id: string): Promise<string | null>;
  /** Everything that `add` refuses, without adding. */
  check(settings: CameraSettings, login: CameraLogin | null): Promise<void>;
  add(settings: CameraSettings, login: CameraLogin | null): Promise<Camera>;
  remove(id: string): Promise<void>;
}

interface Judged {
  readonly row: TableRow;
  readonly shown: string;
  /** With what is not shown of it: two streams of one server may differ in nothing else. */
  readonly url: string;
  readonly hasLogin: boolean;
  readonly settings: CameraSettings | null;
  readonly login: CameraLogin | null;
  problem: string | null;
  cameraId: string | null;
}

/** Reads a list of cameras, says what is wrong with each row, and adds what was asked for. */
export async function importCameras(
  { text, format, apply, allowLoopback }: CameraImportRequest,
  target: ImportTarget,
): Promise<CameraImport> {
  const known = await knownAddresses(target);
  const judged: Judged[] = [];
  for (const row of readCameraTable(text, format)) {
    const one = await judge(row, allowLoopback, target);
    one.problem ??= known.get(one.url) ?? (one.url === one.shown ? null : (known.get(one.shown) ?? null));
    if (one.problem === null) known.set(one.url, `Line ${String(row.line)} has the same address.`);
    judged.push(one);
  }
  const wanted = judged.filter(({ problem }) => problem === null);
  if (apply === 'good' || (apply === 'all' && wanted.length === judged.length)) await addAll(wanted, apply, target);
  return {
    rows: judged.map(rowOf),
    added: judged.filter(({ cameraId }) => cameraId !== null).length,
    problems: judged.filter(({ problem }) => problem !== null).length,
  };
}

/** By whole address. One that cannot be read stands there as it is shown: whatever looks like it may be it. */
async function knownAddresses(target: ImportTarget): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  for (const { id, url, name } of target.list()) {
    const whole = url.includes('…') ? await target.wholeUrl(id) : url;
    known.set(
      whole ?? url,
      whole === null ? `${name} may have this address already.` : `${name} has this address already.`,
    );
  }
  return known;
}

async function judge(row: TableRow, allowLoopback: boolean, target: ImportTarget): Promise<Judged> {
  const bad = (problem: string): Judged => ({
    row,
    shown: redactTyped(row.url),
    url: row.url,
    hasLogin: false,
    settings: null,
    login: null,
    problem,
    cameraId: null,
  });
  if (!row.read.ok) return bad(row.read.problem);
  try {
    const settings = { ...row.read.settings, allowLoopback };
    const address = readCameraUrl(settings.url, process.cwd());
    const login = row.read.login ?? address.login;
    await target.check(settings, login);
    const { shown, url } = address;
    return { row, shown, url, hasLogin: login !== null, settings, login, problem: null, cameraId: null };
  } catch (caught) {
    return bad(describeError(toErrorValue(caught)));
  }
}

/** `all`: what was added goes again where one cannot be. */
async function addAll(wanted: readonly Judged[], apply: 'good' | 'all', target: ImportTarget): Promise<void> {
  for (const one of wanted) {
    if (one.settings === null) continue;
    try {
      one.cameraId = (await target.add(one.settings, one.login)).id;
    } catch (caught) {
      one.problem = describeError(toErrorValue(caught));
      if (apply === 'good') continue;
      for (const added of wanted) {
        if (added.cameraId !== null) await target.remove(added.cameraId);
        added.cameraId = null;
      }
      return;
    }
  }
}

const rowOf = ({ row, shown, hasLogin, problem, cameraId }: Judged): CameraImportRow => ({
  line: row.line,
  name: row.name,
  url: shown,
  group: row.group,
  hasLogin,
  problem,
  cameraId,
});
