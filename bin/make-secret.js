// Makes APP_SECRET_FILE (32 random bytes, base64url) unless it is there or APP_SECRET is set. The compose file's
// migrate job runs it, so that an empty `.env` is enough and the secret outlives the containers.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const file = process.env.APP_SECRET_FILE;

if (!process.env.APP_SECRET && file) {
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
    console.log(`Made a secret in ${file}: keep it, sessions and stored tokens depend on it.`);
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
}
