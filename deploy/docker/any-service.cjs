// The start of the image that holds every service: the first argument says which one this container is, the rest are its flags.
const { join } = require('node:path');

const programs = {
  router: 'services/router/dist/main.js',
  image: 'services/image/dist/main.js',
  nlp: 'services/nlp/dist/main.js',
  recommendation: 'services/recommendation/dist/main.js',
  // The launcher: all four processes in one container, to try the system with.
  start: 'packages/cli/dist/main.js',
};
const [name, ...flags] = process.argv.slice(2);
if (name === undefined || !Object.hasOwn(programs, name)) {
  process.stderr.write(`tributary: the first argument says what to start: ${Object.keys(programs).join(', ')}\n`);
  process.exit(1);
}
const program = join(__dirname, programs[name]);
process.argv = [process.argv[0], program, ...flags];
require(program);
