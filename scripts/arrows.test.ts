import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { beforeAll, describe, expect, it } from 'vitest';

// The fences of ARCHITECTURE.md are only worth something if they close. Each case is a forbidden import, linted as if it
// stood in the named folder with the project's own configuration.

const root = join(import.meta.dirname, '..');
const rules = ['import-x/no-restricted-paths', '@typescript-eslint/no-restricted-imports'];
const ruleOf = { path: rules[0], package: rules[1] } as const;

const folders = ['shared', 'core', 'store', 'engine', 'app', 'main', 'cli', 'preload', 'renderer'] as const;
type Folder = (typeof folders)[number];

const mayImport: Readonly<Record<Folder, readonly Folder[]>> = {
  shared: [],
  core: ['shared'],
  store: ['shared', 'core'],
  engine: ['shared', 'core'],
  app: ['shared', 'core', 'store', 'engine'],
  main: ['shared', 'app'],
  cli: ['shared', 'app'],
  preload: ['shared'],
  renderer: ['shared'],
};

const owners: Readonly<Record<string, readonly Folder[]>> = {
  electron: ['main', 'preload'],
  'onnxruntime-node': ['engine'],
  'node-av': ['engine'],
  sharp: ['engine'],
  'better-sqlite3': ['store'],
  ws: ['app', 'cli'],
  'node:http': ['app', 'cli'],
};

const typesOnly: readonly (readonly [Folder, Folder])[] = [
  ['store', 'core'],
  ['app', 'engine'],
];

/** Any source file of the folder: a zone applies to paths that exist. */
function fileOf(folder: Folder): string {
  const found = readdirSync(join(root, 'src', folder), { recursive: true, encoding: 'utf8' }).find(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('.d.ts'),
  );
  if (found === undefined) throw new Error(`src/${folder} has no source file`);
  return found;
}

describe('the arrows', () => {
  let eslint: ESLint;
  beforeAll(() => {
    // Without the type checker, which knows only files on disk; the rules under test do not ask it.
    eslint = new ESLint({
      cwd: root,
      ruleFilter: ({ ruleId }) => rules.includes(ruleId),
      overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false } } },
    });
  });

  const messages = async (folder: Folder, source: string) => {
    const results = await eslint.lintText(source, { filePath: join(root, 'src', folder, 'probe.ts') });
    return results.flatMap((result) => result.messages.map(({ ruleId, message }) => ({ ruleId, message })));
  };

  for (const from of folders) {
    for (const to of folders.filter((folder) => folder !== from)) {
      const allowed = mayImport[from].includes(to);
      it(`src/${from} ${allowed ? 'may' : 'must not'} import src/${to}`, async () => {
        const found = await messages(from, `import type { X } from '../${to}/${fileOf(to)}';\nexport type Y = X;\n`);
        if (allowed) expect(found).toEqual([]);
        else {
          expect(found).toContainEqual({
            ruleId: ruleOf.path,
            message: expect.stringContaining(`src/${from} may import`),
          });
        }
      });
    }
  }

  for (const [from, to] of typesOnly) {
    it(`src/${from} imports src/${to} as types only`, async () => {
      const found = await messages(from, `import { x } from '../${to}/${fileOf(to)}';\nexport const y: unknown = x;\n`);
      expect(found).toContainEqual({ ruleId: ruleOf.package, message: expect.stringContaining(`types of ${to} only`) });
    });
  }

  for (const [name, allowedFolders] of Object.entries(owners)) {
    it(`${name} stays in ${allowedFolders.map((folder) => `src/${folder}`).join(' and ')}`, async () => {
      for (const folder of folders) {
        const found = await messages(folder, `import { x } from '${name}';\nexport const y: unknown = x;\n`);
        const expected = allowedFolders.includes(folder) ? [] : [ruleOf.package];
        expect({ folder, found: [...new Set(found.map(({ ruleId }) => ruleId))] }).toEqual({ folder, found: expected });
      }
    });
  }

  it('shared imports zod and nothing else from outside', async () => {
    expect(await messages('shared', `import { z } from 'zod';\nexport const y: unknown = z;\n`)).toEqual([]);
    expect(await messages('shared', `import { x } from 'node:fs';\nexport const y: unknown = x;\n`)).not.toEqual([]);
    expect(await messages('core', `import { z } from 'zod';\nexport const y: unknown = z;\n`)).not.toEqual([]);
  });
});

describe('core', () => {
  it.each(['Date.now()', 'new Date()', 'Math.random()', 'performance.now()'])(
    'takes %s as an argument',
    async (call) => {
      const eslint = new ESLint({
        cwd: root,
        ruleFilter: ({ ruleId }) => ruleId.startsWith('no-restricted-'),
        overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions: { projectService: false } } },
      });
      const filePath = join(root, 'src', 'core', 'probe.ts');
      const [result] = await eslint.lintText(`export const x: unknown = ${call};\n`, { filePath });
      expect(result?.messages.map(({ message }) => message)).toEqual([expect.stringContaining('core takes')]);
    },
  );
});
