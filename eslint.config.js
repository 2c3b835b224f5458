import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/**
 * Folders of src/ from the top down. A folder imports only from the levels below its own, `data` and `report` only from
 * the two lowest: they do not know tensors.
 */
const levels = [
  ['cli'],
  ['experiments', 'benchmarks', 'serve'],
  ['training', 'analysis', 'predict'],
  ['data', 'report'],
  ['models'],
  ['layers', 'primal'],
  ['ops'],
  ['kernels'],
  ['runtime'],
  ['files'],
  ['checks'],
];

function hiddenFrom(folder) {
  if (['data', 'report'].includes(folder))
    return levels
      .slice(0, -2)
      .flat()
      .filter((other) => other !== folder);
  const level = levels.findIndex((folders) => folders.includes(folder));
  return levels
    .slice(0, level + 1)
    .flat()
    .filter((other) => other !== folder);
}

/** What the modules of `folder` may not import, statically or dynamically, and not touch. */
function restrict(folder) {
  const patterns = [
    {
      regex: '(^|/)index\\.js$|^primal-attention(/|$)',
      message: "A folder's index.ts is for those outside of src, and src/index.ts stands above every folder.",
    },
  ];
  const hidden = hiddenFrom(folder);
  if (hidden.length > 0) {
    patterns.push({
      regex: `^\\.\\./(.*/)?(${hidden.join('|')})/`,
      message: `src/${folder} may not import this folder: dependencies go one way (see \`levels\` in eslint.config.js).`,
    });
  }
  const internals = [];
  if (folder !== 'runtime') {
    const message = "Only src/runtime knows tfjs's internals.";
    patterns.push({ regex: '^@tensorflow/tfjs-backend-wasm(/|$)', message });
    internals.push({ selector: 'Identifier[name=/^(dataIdMap|memoryOffset|wasmMemory|_malloc|_free)$/]', message });
  }
  if (folder === 'predict') {
    const imports =
      'ImportDeclaration[importKind!="type"], ExportAllDeclaration, ExportNamedDeclaration, ImportExpression';
    internals.push({
      selector: `:matches(${imports})[source.value=/^@tensorflow/]`,
      message: 'src/predict does without tfjs; types may be imported.',
    });
  }
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': ['error', { patterns }],
      'no-restricted-syntax': [
        'error',
        ...patterns.map(({ regex, message }) => ({
          selector: `ImportExpression[source.value=/${regex.replaceAll('/', '\\u002F')}/]`,
          message,
        })),
        ...internals,
      ],
    },
  };
}

export default defineConfig(
  globalIgnores([
    '**/.next/',
    '**/assembly/',
    'build/',
    'dist/',
    'datasets/',
    'runs/',
    'coverage/',
    'docs/api/',
    'src/**/generated/',
  ]),
  eslint.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['vitest.config.ts', 'scripts/*.d.mts'] } },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
  },
  {
    files: ['**/*.{js,mjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: globals.node },
  },
  { files: ['test/bundlers/project/each/*.js'], languageOptions: { globals: globals.browser } },
  levels.flat().map(restrict),
);
