import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/**
 * What an image holds, as a CycloneDX 1.6 document: read from the files that go into it, not from what was asked for.
 * `members` are our own packages, `modules` the folder with the third parties' node_modules, `debian` a line `name version
 * architecture` for each system package that a shared library came from.
 */
export function billOfMaterials({ name, app, members, modules, debian }) {
  const { version, license } = readJson(join(app, 'package.json'));
  const components = [
    { type: 'application', name: 'node', version: process.versions.node, licenses: licence('MIT') },
    ...members.map((folder) => ownPackage(join(app, folder))),
    ...thirdParties(join(modules, 'node_modules/.pnpm')),
    ...[...new Set(debian.trim().split('\n'))].filter(Boolean).map(systemPackage),
  ];
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'container', name, version, licenses: licence(license) } },
    components: components.sort((one, other) => (reference(one) < reference(other) ? -1 : 1)),
  };
}

const reference = ({ purl, name, version }) => purl ?? `${name}@${version}`;
const licence = (text) => (text === undefined ? [] : [{ expression: text }]);

function ownPackage(folder) {
  const { name, version, license } = readJson(join(folder, 'package.json'));
  return { type: 'library', name, version, licenses: licence(license) };
}

/** Packages in pnpm's store; a folder there holds one package and links to what it depends on. */
function thirdParties(store) {
  const found = [];
  for (const entry of readdirSync(store)) {
    const folder = join(store, entry, 'node_modules');
    if (!existsSync(folder) || entry === 'node_modules') continue;
    const real = readdirSync(folder, { withFileTypes: true }).filter((child) => child.isDirectory());
    for (const { name } of real) {
      const scoped = name.startsWith('@') ? readdirSync(join(folder, name), { withFileTypes: true }) : undefined;
      const paths = scoped?.filter((child) => child.isDirectory()).map((child) => join(name, child.name)) ?? [name];
      for (const path of paths) found.push(npmPackage(join(folder, path)));
    }
  }
  return found;
}

function npmPackage(folder) {
  const { name, version, license } = readJson(join(folder, 'package.json'));
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  const component = { type: 'library', name, version, licenses: licence(license), purl };
  // libvips is linked to libraries of its own, which scanners look for by name.
  const bundled = join(folder, 'versions.json');
  if (!existsSync(bundled)) return component;
  const components = Object.entries(readJson(bundled)).map(([library, of]) => ({
    type: 'library',
    name: library,
    version: of,
  }));
  return { ...component, components };
}

function systemPackage(line) {
  const [name, version, architecture] = line.split('\t');
  return {
    type: 'library',
    name,
    version,
    purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`,
  };
}
