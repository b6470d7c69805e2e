import js from '@eslint/js';
import tseslint from 'typescript-eslint';

// The rules carry habits: promises are awaited, switches are exhaustive, the environment is read at one place.
export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'packages/contract/gen/**', 'models/**', '.tributary/**'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      // One style: `private` for members, camelCase for constants. Names that a proto or a library gave are taken apart as they are.
      'no-restricted-syntax': [
        'error',
        { selector: 'PrivateIdentifier', message: 'Private members are declared with `private`.' },
      ],
      '@typescript-eslint/naming-convention': [
        'error',
        { selector: 'variable', modifiers: ['destructured'], format: null },
        { selector: 'variable', format: ['camelCase', 'PascalCase'] },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only settings, main.ts and tests read the environment.' },
      ],
    },
  },
  {
    files: [
      '**/main.ts',
      '**/*.test.ts',
      '**/src/test/**',
      'test/**',
      'packages/serve/src/settings/**',
      'packages/serve/src/process/**',
      'packages/model-server/src/native-pool.ts',
      'packages/bench/**',
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    // fast-check and jest matchers are typed loosely; tests may throw whatever the system must survive.
    files: ['**/*.test.ts', '**/test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        module: 'writable',
        require: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        __dirname: 'readonly',
      },
    },
  },
);
