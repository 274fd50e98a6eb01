import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'electron-vite';

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

// What stays outside the bundle is exactly `dependencies` of package.json: packages with native parts. Everything else
// is a devDependency and is bundled, so that a start reads a few files instead of a thousand.
export default defineConfig({
  main: {
    build: {
      externalizeDeps: true,
      // Node 18 is what the Electron test runtime has (e2e/README.md); the shipped Electron is far newer.
      target: 'node18',
      sourcemap: true,
      rolldownOptions: {
        input: {
          index: source('main/index.ts'),
          cli: source('cli/index.ts'),
          engine: source('engine/index.ts'),
          ingest: source('engine/ingest/worker.ts'),
          'demo-images': source('engine/demo-images/worker.ts'),
          store: source('store/worker.ts'),
        },
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
        input: { index: source('preload/index.ts') },
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
      minify: true,
      rolldownOptions: { input: source('renderer/index.html') },
    },
  },
});
