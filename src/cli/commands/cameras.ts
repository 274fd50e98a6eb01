import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Camera, CameraLogin } from '../../shared/domain/camera.ts';
import { cameraSettingsSchema } from '../../shared/domain/camera.ts';
import type { CamerasChanged } from '../../shared/domain/camera-changes.ts';
import type { CameraImport } from '../../shared/domain/camera-import.ts';
import { describeError, NightshiftError } from '../../shared/errors.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { readSecret } from '../read-secret.ts';
import { call, type Session } from '../session.ts';
import type { Terminal } from '../terminal.ts';
import { warnOfSecrets } from '../url-arguments.ts';

export async function listCameras(session: Session, terminal: Terminal): Promise<ExitCode> {
  const { cameras, statuses } = await call(session, 'app.overview', undefined);
  terminal.result({ cameras, statuses }, () =>
    cameras.length === 0
      ? ['No cameras yet: `nightshift cameras add NAME URL`, or try `nightshift live file:clip.mp4`.']
      : cameras.map((camera) => {
          const state = statuses.find((status) => status.cameraId === camera.id)?.state ?? 'disabled';
          const group = camera.group === '' ? '' : ` [${camera.group}]`;
          const large = camera.largeUrl === null ? '' : ` (large stream ${camera.largeUrl})`;
          return `${camera.id}: ${camera.name}${group} ${camera.url}${large} ${state}, ${String(camera.analysisFps)} fps, promise ${String(camera.sloMs)} ms${loginWords[camera.login ?? 'none']}`;
        }),
  );
  return exitCode.done;
}

const loginWords: Readonly<Record<NonNullable<Camera['login']>, string>> = {
  none: '',
  kept: ', password kept',
  locked: ', password kept but not readable here: give it again (set-password)',
};

export interface AddOptions {
  readonly user?: string;
  readonly large?: string;
  readonly group?: string;
  readonly fps: number;
  readonly slo: number;
  readonly weight: 'critical' | 'normal' | 'low';
  readonly tier: 'fast' | 'normal' | 'accurate';
  readonly allowLoopback: boolean;
}

export async function addCamera(
  session: Session,
  terminal: Terminal,
  name: string,
  url: string,
  { user, large, group, fps, slo, weight, tier, allowLoopback }: AddOptions,
): Promise<ExitCode> {
  warnOfSecrets(terminal, [url], 'Use --user: its password is asked for, or read from standard input.');
  const parsed = cameraSettingsSchema.safeParse({
    ...{ name, url, weight, tier, allowLoopback, analysisFps: fps, sloMs: slo },
    ...(group === undefined ? {} : { group }),
    ...(large === undefined ? {} : { largeUrl: large }),
  });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new NightshiftError({
      kind: 'bad-input',
      message: `${String(issue?.path[0] ?? 'camera')}: ${issue?.message ?? 'not understood'}.`,
    });
  }
  const settings = parsed.data;
  const login = user === undefined ? undefined : await loginOf(user, name);
  const camera = await call(session, 'cameras.add', login === undefined ? settings : { ...settings, login });
  terminal.result({ camera }, () => [`${camera.id}: ${camera.name} ${camera.url}`]);
  return exitCode.done;
}

/** @param wanted ids or names */
export async function removeCameras(
  session: Session,
  terminal: Terminal,
  wanted: readonly string[],
): Promise<ExitCode> {
  const cameras = await find(session, wanted);
  for (const { id } of cameras) await call(session, 'cameras.remove', { id });
  terminal.result({ removed: cameras.map(({ id }) => id) }, () =>
    cameras.map(({ id, name }) => `${id}: ${name} removed; its results stay.`),
  );
  return exitCode.done;
}

/** @param user left out: the cameras want no login any more. */
export async function setPassword(
  session: Session,
  terminal: Terminal,
  wanted: readonly string[],
  user: string | undefined,
): Promise<ExitCode> {
  const cameras = await find(session, wanted);
  const login = user === undefined ? null : await loginOf(user, cameras.map(({ name }) => name).join(', '));
  const answer = await call(session, 'cameras.setPassword', { ids: cameras.map(({ id }) => id), login });
  terminal.result(answer, () => changedWords(answer, cameras));
  return answer.failed.length === 0 ? exitCode.done : exitCode.someFailed;
}

export interface ImportOptions {
  readonly dryRun: boolean;
  readonly good: boolean;
  readonly allowLoopback: boolean;
}

export async function importCameras(
  session: Session,
  terminal: Terminal,
  file: string,
  { dryRun, good, allowLoopback }: ImportOptions,
): Promise<ExitCode> {
  const text = await readFile(file, 'utf8').catch((caught: NodeJS.ErrnoException) => {
    throw new NightshiftError({
      kind: caught.code === 'EACCES' ? 'no-permission' : 'not-found',
      message: `The list cannot be read (${caught.code ?? caught.message}).`,
      where: file,
    });
  });
  const format = extname(file).toLowerCase() === '.json' ? 'json' : 'csv';
  const apply = dryRun ? 'none' : good ? 'good' : 'all';
  const answer = await call(session, 'cameras.import', { text, format, apply, allowLoopback });
  terminal.result(answer, () => importWords(answer, apply));
  if (answer.problems === 0) return exitCode.done;
  return apply === 'good' && answer.added > 0 ? exitCode.someFailed : exitCode.failed;
}

function importWords({ rows, added, problems }: CameraImport, apply: 'none' | 'good' | 'all'): readonly string[] {
  const lines = rows.map(({ line, name, url, problem, cameraId }) => {
    const what = problem ?? (cameraId === null ? 'can be added' : `added as ${cameraId}`);
    return `line ${String(line)}: ${name === '' ? '(no name)' : name} ${url}: ${what}`;
  });
  const end =
    apply === 'all' && problems > 0
      ? 'Nothing was added: correct the list, or give --good to add the others.'
      : `${String(added)} added, ${String(problems)} with a problem.`;
  return [...lines, end];
}

function changedWords({ changed, failed }: CamerasChanged, cameras: readonly Camera[]): readonly string[] {
  const nameOf = (id: string): string => cameras.find((camera) => camera.id === id)?.name ?? id;
  return [
    ...changed.map(({ id, name, login }) => `${id}: ${name}: ${login === 'kept' ? 'password kept' : 'no password'}`),
    ...failed.map(({ id, error }) => `${id}: ${nameOf(id)}: ${describeError(error)}`),
  ];
}

async function loginOf(user: string, where: string): Promise<CameraLogin> {
  return { user, password: await readSecret(`Password of ${user} for ${where}: `) };
}

async function find(session: Session, wanted: readonly string[]): Promise<readonly Camera[]> {
  const { cameras } = await call(session, 'app.overview', undefined);
  return wanted.map((text) => {
    const camera = cameras.find(({ id }) => id === text) ?? onlyOne(cameras.filter(({ name }) => name === text));
    if (camera !== null) return camera;
    throw new NightshiftError({
      kind: 'not-found',
      message: 'There is no such camera, or several have this name.',
      where: text,
      hint: 'See `nightshift cameras list`, and give its id.',
    });
  });
}

const onlyOne = <T>(found: readonly T[]): T | null => (found.length === 1 ? (found[0] ?? null) : null);
