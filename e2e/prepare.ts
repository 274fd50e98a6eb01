import { findHosts } from './runtime/hosts.ts';

/** Playwright's global set-up: finds the hosts once; the tests read them from the environment (fixtures/host.ts). */
export default async function prepare(): Promise<void> {
  process.env.NIGHTSHIFT_E2E_HOSTS = JSON.stringify(await findHosts());
}
