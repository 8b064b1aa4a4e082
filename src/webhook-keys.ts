import { deriveKey } from './app-secret.ts';

/** What signs Twitch's webhooks. */
export interface WebhookKeys {
  /** For all that is asked for now. */
  secret: string;
  /** All with which something may have been asked for that Twitch still sends, the present one first. */
  accepted: string[];
  /** The same for the same secret, and no help in finding it: it stands in the address that Twitch calls. */
  fingerprint: string;
}

/**
 * Of the secrets of the app, the present one first. `own`: the secret that is set for webhooks alone; `earlier`: those
 * that were.
 * Twitch signs with the secret that a subscription was made with, whatever has become of it here.
 */
export function webhookKeysOf(
  secrets: [string, ...string[]],
  own: string | null,
  earlier: string[] = [],
): WebhookKeys {
  const derived = secrets.map((secret) => deriveKey(secret, 'EventSub webhooks'));
  const secret = own ?? derived[0] ?? '';
  const accepted = [...new Set([secret, ...earlier, ...derived])];
  // Short, so that a weak secret cannot be told from others that would have the same one.
  return { secret, accepted, fingerprint: deriveKey(secret, 'webhook fingerprint').slice(0, 8) };
}
