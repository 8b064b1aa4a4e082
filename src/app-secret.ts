import { hkdfSync, randomBytes } from 'node:crypto';
import { access, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { AppSecretSource } from './config.ts';

/**
 * The secret from which every key is derived. A file that may be created is made once, readable for
 * its owner alone; two processes that start together end up with the same one.
 * @throws Error with a sentence for the operator when the file cannot be read or made.
 */
export async function loadAppSecret(source: AppSecretSource): Promise<string> {
  if ('value' in source) return source.value;
  if (source.create) await makeOnce(source.file);
  const secret = (await readFile(source.file, 'utf8').catch(explain(source.file, 'read'))).trim();
  if (secret.length < 16)
    throw new Error(`The secret in ${source.file} is too short: it needs at least 16 characters.`);
  return secret;
}

async function makeOnce(file: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true }).catch(explain(path.dirname(file), 'write to'));
  if (await exists(file)) return;
  // Linked only when complete, so a concurrent start never reads half a secret.
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, `${randomBytes(32).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 });
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } catch (error) {
    explain(path.dirname(file), 'write to')(error);
  } finally {
    await rm(draft, { force: true });
  }
}

async function exists(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}

function explain(place: string, verb: string) {
  return (error: unknown): never => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new Error(
      `Followspot cannot ${verb} ${place} (${code}). Give it the right to, or set another place.`,
    );
  };
}

/** A key for one purpose, as hex: whoever learns it learns neither the secret nor another key. */
export function deriveKey(secret: string, purpose: string): string {
  return Buffer.from(hkdfSync('sha256', secret, '', `followspot ${purpose}`, 32)).toString('hex');
}
