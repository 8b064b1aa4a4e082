// Makes APP_SECRET_FILE unless it is there or APP_SECRET is set. The compose file's migrate job runs it in the
// image, so that an empty `.env` is enough and the secret outlives the containers.
import { loadAppSecret } from '../dist/src/app-secret.js';

const { APP_SECRET, APP_SECRET_FILE: file } = process.env;

if (!APP_SECRET?.trim() && file) {
  await loadAppSecret({ file, create: true });
  console.log(`The secret is in ${file}: keep it, sessions and stored tokens depend on it.`);
}
