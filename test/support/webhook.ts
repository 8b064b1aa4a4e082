import { createHmac, randomUUID } from 'node:crypto';

/** What tests sign webhooks with. */
export const webhookSecret = 'a secret for webhooks';

/** A request to the webhook as Twitch makes it. */
export interface WebhookDelivery {
  body: string | Buffer<ArrayBuffer>;
  headers: Record<string, string>;
}

/** What a delivery has instead of what Twitch would give it. */
export interface Instead {
  id?: string;
  type?: string;
  at?: string;
  secret?: string;
}

/** Signs a body, or whatever is to be made JSON of. */
export function delivery(content: unknown, instead: Instead = {}): WebhookDelivery {
  const { id = randomUUID(), type = 'notification', at = new Date().toISOString() } = instead;
  const body =
    typeof content === 'string'
      ? content
      : Buffer.isBuffer(content)
        ? Buffer.from(content)
        : JSON.stringify(content);
  const hmac = createHmac('sha256', instead.secret ?? webhookSecret)
    .update(id + at)
    .update(body);
  return {
    body,
    headers: {
      'Content-Type': 'application/json',
      'Twitch-Eventsub-Message-Id': id,
      'Twitch-Eventsub-Message-Timestamp': at,
      'Twitch-Eventsub-Message-Type': type,
      'Twitch-Eventsub-Message-Signature': `sha256=${hmac.digest('hex')}`,
    },
  };
}

/** What Twitch sends when somebody raids this streamer. */
export function raidNotification(streamerId: string, raider = 'Ana', raiderId = '7'): object {
  return notification(
    'channel.raid',
    { from_broadcaster_user_id: '', to_broadcaster_user_id: streamerId },
    {
      from_broadcaster_user_id: raiderId,
      from_broadcaster_user_login: 'ana',
      from_broadcaster_user_name: raider,
      to_broadcaster_user_id: streamerId,
      to_broadcaster_user_login: 'nova',
      to_broadcaster_user_name: 'Nova',
      viewers: 12,
    },
  );
}

/** What Twitch sends when this streamer goes live. */
export function onlineNotification(streamerId: string, broadcastId = '41998800123'): object {
  return notification(
    'stream.online',
    { broadcaster_user_id: streamerId },
    {
      id: broadcastId,
      broadcaster_user_id: streamerId,
      broadcaster_user_login: 'nova',
      broadcaster_user_name: 'Nova',
      type: 'live',
      started_at: new Date().toISOString(),
    },
  );
}

function notification(type: string, condition: object, event: object): object {
  const subscription = {
    id: '5f0c-sub-01',
    status: 'enabled',
    type,
    version: '1',
    cost: 1,
    condition,
    transport: { method: 'webhook', callback: 'https://localhost/twitch/webhooks/eventsub' },
    created_at: new Date().toISOString(),
  };
  return { subscription, event };
}
