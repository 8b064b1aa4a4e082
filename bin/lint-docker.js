// Lints the Dockerfile and the compose file. No engine is needed. Part of `npm run lint`.
import { root } from './prepare.js';
import { run } from './run.js';

process.chdir(root);
const codes = [
  await run('node_modules/.bin/dclint', ['--max-warnings', '0', 'docker-compose.yml']),
  await run('node_modules/.bin/dockerfile-utils', ['lint', 'Dockerfile']),
];
process.exit(codes.every((code) => code === 0) ? 0 : 1);
