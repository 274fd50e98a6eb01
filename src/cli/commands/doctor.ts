import { statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import { hardwareNames, type DecoderState } from '../../shared/domain/decoding.ts';
import type { Finding } from '../../shared/domain/plan.ts';
import { toErrorValue } from '../../shared/errors.ts';
import { exitCode, type ExitCode } from '../exit-code.ts';
import { openSession } from '../open-session.ts';
import { call } from '../session.ts';
import type { Terminal } from '../terminal.ts';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

const ENGINE_LIMIT_MS = 30_000;
const MIN_FREE_BYTES = 2 ** 30;

/** Starts the application on the data folder, looks at every part of it, and says what is right and what is not. */
export async function doctor(dataDir: string, terminal: Terminal): Promise<ExitCode> {
  const checks: Check[] = [];
  let findings: readonly Finding[] = [];
  let decoders: DecoderState | null = null;
  const note = (name: string, isOk: boolean, detail: string): void => {
    checks.push({ name, ok: isOk, detail });
    terminal.say(`${isOk ? '✓' : '✗'} ${name}: ${detail}`);
  };
  note('node', Number(process.versions.node.split('.')[0]) >= 22, process.versions.node);
  try {
    const session = await openSession({ dataDir, terminal, cameras: false, resumeJobs: false });
    try {
      note('data folder', true, `${resolve(dataDir)}${session.owned ? '' : ' (owned by a running Nightshift)'}`);
      const models = await call(session, 'models.list', undefined);
      note('models', models.length > 0, models.map((model) => model.id).join(', '));
      const status = await untilEngineAnswers(async () => call(session, 'system.status', undefined));
      const { engine, machine, store, versions } = status;
      note(
        'engine',
        engine.state === 'warming' || engine.state === 'ready',
        `${engine.detail} (${engine.provider}, ${String(engine.threads)} threads)`,
      );
      terminal.say('  trying what the default model runs on …');
      for (const { provider, taken, why } of await call(session, 'system.tryProviders', undefined))
        note(`provider ${provider}`, true, taken ? `taken, ${why}` : `not taken: ${why}`);
      terminal.say('  trying what decodes cameras beside the processor …');
      decoders = await call(session, 'system.tryDecoders', undefined);
      for (const { hardware, path, codecs, why } of decoders.tried)
        note(
          `decoder ${hardwareNames[hardware]}${path === null ? '' : ` ${path}`}`,
          true,
          codecs.length > 0 ? `taken, ${why}` : `not taken: ${why}`,
        );
      if (decoders.mode === 'off') terminal.say('  hardware decoding is switched off (System, Device)');
      note(
        'machine',
        machine.memoryBytes >= 4 * 2 ** 30,
        `${String(machine.cores)} cores, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, ${machine.cpu}, ${machine.platform}`,
      );
      note(
        'store',
        true,
        `SQLite ${store.sqlite}, schema ${String(store.schemaVersion)}, ${String(store.detections)} detections, ${(store.bytes / 2 ** 20).toFixed(1)} MiB`,
      );
      note(
        'versions',
        true,
        Object.entries(versions)
          .map(([name, text]) => `${name} ${text}`)
          .join(', '),
      );
      findings = await call(session, 'system.selfCheck', undefined);
      for (const { level, text, fix } of findings)
        terminal.say(level === 'ok' ? `✓ ${text}` : `! ${text}${fix === null ? '' : ` ${fix}`}`);
    } finally {
      await session.close();
    }
  } catch (caught) {
    const error = toErrorValue(caught);
    note(error.kind, false, `${error.message}${error.hint === undefined ? '' : ` ${error.hint}`}`);
  }
  const disk = await statfs(resolve(dataDir)).catch(() => null);
  if (disk !== null) {
    const freeBytes = disk.bavail * disk.bsize;
    note('disk', freeBytes >= MIN_FREE_BYTES, `${(freeBytes / 2 ** 30).toFixed(1)} GiB free`);
  }
  const allOk = checks.every((check) => check.ok);
  terminal.result({ ok: allOk, checks, decoders, findings }, () => [
    allOk ? 'Everything needed is here.' : 'Something is missing: see ✗ above.',
  ]);
  return allOk ? exitCode.done : exitCode.failed;
}

async function untilEngineAnswers<T extends { engine: { state: string } }>(status: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + ENGINE_LIMIT_MS;
  for (;;) {
    const now = await status();
    if (now.engine.state === 'warming' || now.engine.state === 'ready' || performance.now() > giveUpAt) return now;
    await new Promise((resolveWait) => setTimeout(resolveWait, 100));
  }
}
