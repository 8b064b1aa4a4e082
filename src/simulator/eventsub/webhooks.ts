import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { isCallback } from './callbacks.ts';
import { payloadOf, type Message } from './envelope.ts';
import type { EventSubSettings } from './settings.ts';
import { timeOnWire } from './time.ts';

/** Where webhooks go, and what signs them. */
export interface Target {
  callback: string;
  secret: string;
}

/** Sends webhooks as Twitch does. */
export interface Webhooks {
  /** Whether the other side proved itself by repeating the challenge to the letter. */
  challenge(target: Target, type: string, version: string, payload: object): Promise<boolean>;
  /** Sends until 2xx, always under the same message id. `onSent` hears of each try. False: given up. */
  deliver(message: Message, target: Target, onSent: () => void): Promise<boolean>;
  close(): void;
}

export function createWebhooks(settings: EventSubSettings, now: () => Date): Webhooks {
  const ending = new AbortController();

  const post = async (target: Target, headers: Record<string, string>, body: string) => {
    if (!isCallback(target.callback, settings.allowsPlainCallbacks)) return null;
    const hmac = createHmac('sha256', target.secret);
    const signature = hmac
      .update(`${headers['Message-Id']}${headers['Message-Timestamp']}${body}`)
      .digest('hex');
    try {
      const response = await fetch(target.callback, {
        method: 'POST',
        redirect: 'manual',
        signal: AbortSignal.any([ending.signal, AbortSignal.timeout(settings.answerMs)]),
        headers: {
          'Content-Type': 'application/json',
          ...prefixed({ ...headers, 'Message-Signature': `sha256=${signature}` }),
        },
        body,
      });
      return { isOk: response.ok, text: await response.text() };
    } catch {
      return null;
    }
  };

  return {
    async challenge(target, type, version, payload) {
      const challenge = randomBytes(24).toString('base64url');
      const headers = headersOf(randomUUID(), now(), 'webhook_callback_verification', type, version, 0);
      const answer = await post(target, headers, JSON.stringify({ challenge, ...payload }));
      return answer?.isOk === true && answer.text === challenge;
    },
    async deliver(message, target, onSent) {
      const { id, at, kind, subscription } = message;
      const body = JSON.stringify(payloadOf(message));
      for (let retry = 0; retry <= settings.retryMs.length; retry += 1) {
        if (ending.signal.aborted) return false;
        onSent();
        const headers = headersOf(id, at, kind, subscription.type, subscription.version, retry);
        if ((await post(target, headers, body))?.isOk === true) return true;
        await wait(settings.retryMs[retry] ?? 0, undefined, { signal: ending.signal, ref: false }).catch(
          () => undefined,
        );
      }
      return false;
    },
    close: () => ending.abort(),
  };
}

function headersOf(id: string, at: Date, kind: string, type: string, version: string, retry: number) {
  return {
    'Message-Id': id,
    'Message-Retry': String(retry),
    'Message-Type': kind,
    'Message-Timestamp': timeOnWire(at),
    'Subscription-Type': type,
    'Subscription-Version': version,
  };
}

function prefixed(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [`Twitch-Eventsub-${name}`, value]),
  );
}
