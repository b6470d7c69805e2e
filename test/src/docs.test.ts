import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from './support/paths';

/** Made by builds and installs, or no part of the repository. */
const skipped = new Set(['node_modules', 'dist', '.git']);

/** Files below a folder, as paths from the root. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return skipped.has(entry.name) ? [] : filesBelow(path);
    return [relative(root, path)];
  });
}

const files = filesBelow(root);
const pages = files.filter((path) => path.endsWith('.md'));
/** With slashes around, so that whole names are compared. */
const paths = `/${files.join('/\n/')}/`;

/** A page without its examples. */
function proseOf(page: string): string {
  return readFileSync(join(root, page), 'utf8').replace(/```[^]*?```/g, '');
}

/** Files, and folders of the repository, that stand in backticks; what is built is looked for where it is built from. */
function pathsIn(page: string): string[] {
  return [...proseOf(page).matchAll(/`([\w.@-]+(?:\/[\w.@-]+)+\/?)`/g)]
    .map(([, path = '']) => path.replace(/\/$/, ''))
    .filter((path) => /\.(c?ts|m?js|json|proto|ya?ml|sh|py|md|svg)$/.test(path) || /^(packages|services)\//.test(path))
    .map((path) => (path.includes('/dist/') ? path.replace('/dist/', '/src/').replace(/\.js$/, '.ts') : path));
}

describe('the pages', () => {
  it('name files and folders that are there, from the root or by the end of their path', () => {
    const written = pages.filter((page) => page.startsWith('docs/') || page === 'CONTRIBUTING.md');
    const named = written.flatMap((page) => pathsIn(page).map((path) => `${page}: ${path}`));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((each) => !paths.includes(`/${each.split(': ')[1]}/`))).toEqual([]);
  });

  it('link to files that are there', () => {
    const links = pages.flatMap((page) =>
      [...proseOf(page).matchAll(/\]\(([^)\s#]+)/g)]
        .map(([, link = '']) => link)
        .filter((link) => !/^[a-z]+:/.test(link))
        .map((link) => `${page}: ${join(dirname(page), link)}`),
    );
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter((each) => !existsSync(join(root, each.split(': ')[1]!)))).toEqual([]);
  });
});
