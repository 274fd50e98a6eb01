import type { App } from '../app.ts';
import type { Log } from '../ports.ts';
import { createToken } from './access.ts';
import type { Gateway } from './gateway.ts';
import { startGateway } from './gateway.ts';
import { writeOwnerFile } from './owner-file.ts';

export interface OwnerGateway {
  readonly app: App;
  /** The folder that this process owns. */
  readonly dataDir: string;
  /** Null: calls and sockets only. */
  readonly rendererDir: string | null;
  readonly port: number;
  readonly log: Log;
}

/** The gateway of the host that owns `dataDir`: with a token of this run, found by other processes through owner.json. */
export async function openGateway({ dataDir, ...options }: OwnerGateway): Promise<Gateway> {
  const token = createToken();
  const gateway = await startGateway({ ...options, token });
  const closed = options.app.listensOn(gateway.port);
  try {
    const removeFile = await writeOwnerFile(dataDir, { pid: process.pid, port: gateway.port, token });
    return {
      ...gateway,
      close: async () => {
        await removeFile();
        await gateway.close();
        closed();
      },
    };
  } catch (caught) {
    closed();
    await gateway.close();
    throw caught;
  }
}
