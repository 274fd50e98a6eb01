import { builtinModules } from 'node:module';
import { importX, createNodeResolver } from 'eslint-plugin-import-x';
import prettier from 'eslint-config-prettier/flat';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

const here = import.meta.dirname;

/**
 * The arrows between the folders of src/ (ARCHITECTURE.md): what each may import beside itself, and where code that
 * wants more belongs. `types` folders may be imported as types only.
 */
const arrows = {
  shared: {
    may: [],
    advice: 'shared is the contract that every process reads: move what needs more to the folder that uses it',
  },
  core: {
    may: ['shared'],
    advice: 'core decides without any device: hand the outside in through a port, or move the code to the adapter',
  },
  store: {
    may: ['shared'],
    types: ['core'],
    advice: 'the store knows tables, not services: decisions belong in core, wiring in app',
  },
  engine: {
    may: ['shared', 'core'],
    advice: 'the engine is a child process that knows its protocol only: control belongs in app',
  },
  app: {
    may: ['shared', 'core', 'store'],
    types: ['engine'],
    advice: 'app runs under any host: what needs Electron or the terminal belongs in main or cli',
  },
  main: {
    may: ['shared', 'app'],
    advice: 'main is only the Electron shell: decisions belong in core, services in app',
  },
  cli: { may: ['shared', 'app'], advice: 'cli is only the terminal shell: decisions belong in core, services in app' },
  preload: { may: ['shared'], advice: 'the preload bridge is derived from the contract in shared and has no logic' },
  renderer: {
    may: ['shared'],
    advice: 'the renderer reaches everything through the contract in shared (renderer/api.ts)',
  },
};

/** Packages with native parts or a runtime of their own, and the folders that may import them (types are free). */
const confined = [
  {
    packages: ['electron', 'electron/*'],
    folders: ['main', 'preload'],
    advice: 'Electron stays in src/main and src/preload: hand what you need in through a port',
  },
  {
    packages: ['onnxruntime-node', 'node-av', 'node-av/*', 'sharp'],
    folders: ['engine'],
    advice: 'pixels and models stay in the engine process: ask it through shared/engine/protocol.ts',
  },
  {
    packages: ['better-sqlite3'],
    folders: ['store'],
    advice: 'only the store worker touches SQLite: add an operation to store/operations.ts',
  },
  {
    packages: ['ws', 'http', 'https', 'node:http', 'node:https', 'net', 'node:net'],
    folders: ['app', 'cli'],
    advice: 'the only listener and the only client of it are in app/gateway and cli',
  },
];

const wantsPackages = {
  shared: { regex: '^(?!\\.{1,2}/|zod$)', message: 'shared imports zod only, so that every process can read it.' },
  core: {
    regex: '^(?!\\.{1,2}/)',
    message: 'core imports nothing from outside: it has to run anywhere, with time and chance handed in.',
  },
  preload: { regex: '^(?!\\.{1,2}/|electron$)', message: 'a sandboxed preload has only electron.' },
  renderer: { regex: `^(node:.*|(${builtinModules.join('|')})(/.*)?)$`, message: 'there is no Node in the renderer.' },
};

const files = (folder) => [`src/${folder}/**/*.{ts,svelte}`];
const tests = ['**/*.{test,night,spec}.ts', '**/testing/**'];

const zones = Object.entries(arrows).map(([folder, { may, types = [], advice }]) => ({
  target: `./src/${folder}`,
  from: './src',
  except: [folder, ...may, ...types].map((name) => `./${name}`),
  message: `src/${folder} may import ${[...may, ...types.map((name) => `types of ${name}`)].join(', ') || 'nothing else'}: ${advice}.`,
}));

const restrictedImports = (folder) => {
  const packages = confined
    .filter(({ folders }) => !folders.includes(folder))
    .map(({ packages: group, advice }) => ({ group, message: `${advice}.`, allowTypeImports: true }));
  const typesOnly = (arrows[folder].types ?? []).map((name) => ({
    regex: `^(\\.\\./)+${name}/`,
    message: `src/${folder} may import types of ${name} only: ${arrows[folder].advice}.`,
    allowTypeImports: true,
  }));
  const outside = wantsPackages[folder] === undefined ? [] : [wantsPackages[folder]];
  return ['error', { patterns: [...packages, ...typesOnly, ...outside] }];
};

const ambient = (object, property) => ({ object, property, message: 'core takes the clock and chance as arguments.' });

export default ts.config(
  { ignores: ['out/', 'dist/', 'node_modules/', '.cache/', 'coverage/', 'test-results/', 'docs/', '**/.svelte-kit/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,svelte}'],
    extends: [ts.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: here, extraFileExtensions: ['.svelte'] },
    },
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.svelte', '.js', '.mjs'] })] },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/require-await': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: false },
      ],
      'import-x/no-restricted-paths': ['error', { zones, basePath: here }],
      'import-x/no-self-import': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // Ports are interfaces with methods, and most of ours are closures without a `this`.
      '@typescript-eslint/unbound-method': 'off',
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  ...Object.keys(arrows).map((folder) => ({
    files: files(folder),
    ignores: tests,
    rules: { '@typescript-eslint/no-restricted-imports': restrictedImports(folder) },
  })),
  {
    files: files('core'),
    rules: {
      'no-restricted-properties': [
        'error',
        ambient('Date', 'now'),
        ambient('Math', 'random'),
        ambient('performance', 'now'),
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'core takes the clock as an argument.',
        },
      ],
    },
  },
  { files: files('preload').concat(files('renderer')), languageOptions: { globals: globals.browser } },
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: here,
        extraFileExtensions: ['.svelte'],
        parser: ts.parser,
      },
    },
    rules: {
      'svelte/no-at-html-tags': 'error',
      'svelte/require-each-key': 'error',
      // `let { … } = $props()` is how a component names its props.
      'prefer-const': 'off',
      'svelte/prefer-const': ['error', { destructuring: 'all' }],
      // svelte-check decides which warnings there are; this rule does not see the ones that need types.
      'svelte/no-unused-svelte-ignore': 'off',
    },
  },
  {
    // The types of a component's props and snippets are svelte-check's business; to this parser they are any.
    files: ['**/*.svelte'],
    rules: Object.fromEntries(
      ['argument', 'assignment', 'call', 'member-access', 'return'].map((use) => [
        `@typescript-eslint/no-unsafe-${use}`,
        'off',
      ]),
    ),
  },
  {
    // Scripts, tests and their fixtures talk to the terminal and check loosely typed things.
    files: ['scripts/**', 'e2e/**', 'bench/**', '*.ts', ...tests],
    rules: { 'no-console': 'off' },
  },
  {
    files: tests,
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  { files: ['**/*.{js,mjs,cjs}'], languageOptions: { globals: globals.node } },
  prettier,
);
