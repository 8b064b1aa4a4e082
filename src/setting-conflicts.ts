import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isHttpUrl, isWebhookAddress } from './setting-text.ts';

/**
 * A line, which begins with a setting's name, for each that others or the disk contradict. It looks at the text
 * as it is given, so that these problems are told together with those of the single settings.
 */
export function conflictsOf(environment: Record<string, string | undefined>, rootFolder: string): string[] {
  const given = (name: string) => environment[name]?.trim() ?? '';
  const problems = [];
  if ((given('TWITCH_CLIENT_ID') === '') !== (given('TWITCH_CLIENT_SECRET') === '')) {
    const missing = given('TWITCH_CLIENT_ID') === '' ? 'TWITCH_CLIENT_ID' : 'TWITCH_CLIENT_SECRET';
    problems.push(`${missing} is missing: set both credentials, or neither for the simulated Twitch`);
  }
  if (given('EVENTSUB_TRANSPORT') === 'webhook' && !mayHaveWebhook(given('PUBLIC_URL'))) {
    problems.push('EVENTSUB_TRANSPORT webhook needs a PUBLIC_URL with https: at its usual port');
  }
  if (given('APP_SECRET') !== '') return problems;
  if (given('APP_SECRET_FILE') !== '') {
    problems.push(...problemsWithSecretIn(path.resolve(rootFolder, given('APP_SECRET_FILE'))));
  } else if (given('DB_HOST') !== '') {
    problems.push('APP_SECRET is missing: with MySQL it has to be set (or APP_SECRET_FILE)');
  }
  return problems;
}

/** An address that is none at all is a problem of its own. */
function mayHaveWebhook(publicUrl: string): boolean {
  return publicUrl !== '' && (!isHttpUrl(publicUrl) || isWebhookAddress(publicUrl));
}

function problemsWithSecretIn(file: string): string[] {
  try {
    const isLongEnough = readFileSync(file, 'utf8').trim().length >= 16;
    return isLongEnough ? [] : ['APP_SECRET_FILE must hold at least 16 characters'];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    return [`APP_SECRET_FILE names a file that cannot be read (${code})`];
  }
}
