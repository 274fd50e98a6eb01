import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig, type UserConfig } from 'electron-vite';

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

// What stays outside the bundle is exactly `dependencies` of package.json: packages with native parts. Everything else
// is a devDependency and is bundled, so that a start reads a few files instead of a thousand.
const entries = (all: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(all).filter(([, file]) => existsSync(file)));

const parts = {
  main: {
    build: {
      externalizeDeps: true,
      // Node 18 is what the Electron test runtime has (e2e/README.md); the shipped Electron is far newer.
      target: 'node18',
      sourcemap: true,
      rolldownOptions: {
        input: entries({
          index: source('main/index.ts'),
          cli: source('cli/index.ts'),
          engine: source('engine/index.ts'),
          ingest: source('engine/ingest/worker.ts'),
          store: source('store/worker.ts'),
        }),
        output: { format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunks/[name]-[hash].cjs' },
      },
    },
  },
  preload: {
    build: {
      // A sandboxed preload cannot require packages: one whole CommonJS file.
      externalizeDeps: false,
      target: 'node18',
      rolldownOptions: {
        input: entries({ index: source('preload/index.ts') }),
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: source('renderer'),
    plugins: [tailwindcss(), svelte({ configFile: false })],
    build: {
      target: 'chrome114',
      // The content security policy of the window allows no `data:` sources.
      assetsInlineLimit: 0,
      rolldownOptions: { input: source('renderer/index.html') },
    },
  },
} satisfies UserConfig;

// Until every entry exists, the parts without one are left out.
export default defineConfig({
  ...(existsSync(source('main/index.ts')) || existsSync(source('cli/index.ts')) ? { main: parts.main } : {}),
  ...(existsSync(source('preload/index.ts')) ? { preload: parts.preload } : {}),
  ...(existsSync(source('renderer/index.html')) ? { renderer: parts.renderer } : {}),
});
