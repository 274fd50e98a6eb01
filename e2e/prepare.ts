import { findHosts } from './runtime/hosts.ts';

/** Playwright's global set-up: finds the hosts once; the tests read them from the environment (fixtures/host.ts). */
export default async function prepare(): Promise<void> {
  console.log(
    'Looking for a browser and an Electron (the first time on a machine this downloads and builds for a minute).',
  );
  const hosts = await findHosts();
  for (const name of ['browser', 'electron'] as const) {
    const host = hosts[name];
    console.log(`${name}: ${'missing' in host ? host.missing : host.binary}`);
  }
  process.env.NIGHTSHIFT_E2E_HOSTS = JSON.stringify(hosts);
}
