import { createHmac, randomBytes } from 'node:crypto';
import { Cookie } from 'express-session';
import { deriveKey } from '../../src/app-secret.ts';
import type { User } from '../../src/domain/user.ts';
import type { Store } from '../../src/store/index.ts';

/** Signs a user in without Twitch, the way the session layer would, and returns the browser's `Cookie` header. */
export async function signedInCookie(store: Store, user: User, secret: string): Promise<string> {
  await store.users.save(user);
  const sessionId = randomBytes(24).toString('base64url');
  const cookie = new Cookie();
  cookie.maxAge = 30 * 24 * 60 * 60_000;
  const sessions = store.createSessionStore();
  await new Promise<void>((resolve, reject) => {
    sessions.set(sessionId, { cookie, userId: user.id, userAgent: 'test' }, (error) =>
      error ? reject(error) : resolve(),
    );
  });
  return `followspot=${encodeURIComponent(signed(sessionId, deriveKey(secret, 'session cookie')))}`;
}

/** As cookie-signature does it. */
function signed(value: string, key: string): string {
  const signature = createHmac('sha256', key).update(value).digest('base64').replace(/=+$/, '');
  return `s:${value}.${signature}`;
}
