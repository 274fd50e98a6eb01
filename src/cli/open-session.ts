import { resolve } from 'node:path';
import { composeApp } from '../app/compose.ts';
import type { App } from '../app/app.ts';
import { pinnedDecoders } from '../app/engine-host/pinned-decoders.ts';
import { pinnedProviders } from '../app/engine-host/pinned-providers.ts';
import { dispatch } from '../app/gateway/dispatch.ts';
import type { Gateway } from '../app/gateway/gateway.ts';
import { connectOwner } from '../app/gateway/handover-client.ts';
import { openGateway } from '../app/gateway/open-gateway.ts';
import { keyFileSecrets } from '../app/secrets/key-file-secrets.ts';
import { systemClock } from '../app/system-clock.ts';
import type { EventMessage } from '../shared/contract/events.ts';
import { failed, ok, toErrorValue, type ErrorValue, type NightshiftError } from '../shared/errors.ts';
import { fileLog } from '../app/file-log.ts';
import { exitCode } from './exit-code.ts';
import { hostPaths, version } from './paths.ts';
import type { Session } from './session.ts';
import { spawnEngineFrom } from './spawn-engine.ts';
import type { Terminal } from './terminal.ts';

export interface SessionOptions {
  readonly dataDir: string;
  readonly terminal: Terminal;
  /** Open the cameras of the data folder, and go on with its unfinished jobs: what the application does. */
  readonly cameras: boolean;
  readonly resumeJobs: boolean;
  /** Footage is written, kept and repaired: also where cameras are opened one by one. Left out: as `cameras`. */
  readonly records?: boolean;
  /** Whether the work may be done by the process that owns the folder. */
  readonly handOver?: boolean;
}

/** Closing takes an owner about 5 s at most. */
const OWNER_CHANGE_MS = 10_000;
const OWNER_LIMITS = { findMs: 1_000, answerMs: 5_000 };

/** Our own application with a loopback door for others, or a client of the process that owns the data folder. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const giveUpAt = performance.now() + OWNER_CHANGE_MS;
  for (;;) {
    try {
      return (await openOwn({ ...options, rendererDir: null, port: 0 })).session;
    } catch (caught) {
      if (!isOwned(caught) || options.handOver === false) throw caught;
    }
    try {
      return await handedOver(options);
    } catch (caught) {
      // An owner that is about to end answers no more, but holds the folder for another moment.
      if (!isOwned(caught) || performance.now() > giveUpAt) throw caught;
    }
  }
}

const isOwned = (caught: unknown): boolean => toErrorValue(caught).kind === 'owned-elsewhere';

/** Throws `owned-elsewhere` where another process owns the folder. */
export async function openOwn(
  options: SessionOptions & { readonly rendererDir: string | null; readonly port: number },
): Promise<{ session: Session; app: App; gateway: Gateway }> {
  const dataDir = resolve(options.dataDir);
  const paths = hostPaths();
  const log = fileLog(dataDir);
  const app = await composeApp({
    host: 'browser',
    dataDir,
    modelsDir: paths.modelsDir,
    resourcesDir: paths.resourcesDir,
    reportsDir: resolve(dataDir, 'reports'),
    storeWorkerFile: paths.storeWorkerFile,
    spawnEngine: spawnEngineFrom(paths.engineFile),
    providers: pinnedProviders(process.env),
    decoders: pinnedDecoders(process.env),
    dialogs: null,
    secrets: keyFileSecrets(dataDir),
    clock: systemClock,
    log,
    version: version(),
    openCameras: options.cameras,
    resumeJobs: options.resumeJobs,
    records: options.records,
    onFatal: (error) => {
      options.terminal.error(toErrorValue(error));
      process.exit(exitCode.failed);
    },
  });
  let gateway: Gateway;
  try {
    gateway = await openGateway({ app, dataDir, rendererDir: options.rendererDir, port: options.port, log });
  } catch (caught) {
    await app.close();
    throw caught;
  }
  const session: Session = {
    owned: true,
    request: (name, input) => dispatch(app, name, input, log),
    subscribe: (listener) => app.subscribe(listener),
    lost: new Promise(() => undefined),
    close: async () => {
      await gateway.close();
      await app.close();
    },
  };
  return { session, app, gateway };
}

async function handedOver({ dataDir, terminal }: SessionOptions): Promise<Session> {
  const owner = await connectOwner(resolve(dataDir), OWNER_LIMITS);
  terminal.say(`Nightshift (process ${String(owner.pid)}) owns this data folder and carries this out.`);
  const listeners = new Set<(message: EventMessage) => void>();
  let tellLost: (error: ErrorValue) => void = () => undefined;
  const lost = new Promise<ErrorValue>((resolveLost) => {
    tellLost = resolveLost;
  });
  const undo = await owner.subscribe(
    (message) => {
      for (const listener of listeners) listener(message);
    },
    (error: NightshiftError) => {
      tellLost(toErrorValue(error));
    },
  );
  return {
    owned: false,
    request: (name, input) => owner.call(name, input).then(ok, (caught: unknown) => failed(toErrorValue(caught))),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    lost,
    close: () => {
      undo();
      return Promise.resolve();
    },
  };
}
