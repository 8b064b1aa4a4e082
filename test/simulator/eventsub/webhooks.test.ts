import { describe, expect, it } from 'vitest';
import { runCallback, type Received } from './callback-server.ts';
import { patience, runEventSub } from './subscriber.ts';

const quick = { allowsPlainCallbacks: true, retryMs: [5, 5, 5], mostFailures: 2 };

/** A webhook subscription to otto going live. */
async function subscribed(answer?: (received: Received) => number, settings = quick) {
  const twitch = await runEventSub({ eventSub: settings });
  const hook = await runCallback(answer);
  const condition = { broadcaster_user_id: twitch.idOf('otto') };
  const access = await twitch.appToken();
  const made = await twitch.subscribe(access, hook.transport, 'stream.online', condition);
  const status = () => twitch.eventSub.subscriptions()[0]?.status;
  const goLive = () => {
    twitch.simulator.world.goOffline('otto');
    twitch.simulator.world.goLive('otto');
  };
  return { ...twitch, ...hook, made, status, goLive };
}

describe('a webhook', () => {
  it('is pending until the challenge comes back, and shows its secret to nobody', async () => {
    const { made, status, of, transport } = await subscribed();
    expect(made.data[0]).toMatchObject({ status: 'webhook_callback_verification_pending' });
    expect(made.data[0]?.['transport']).toEqual({ method: 'webhook', callback: transport.callback });
    await expect.poll(status, patience).toBe('enabled');
    expect(of('webhook_callback_verification')).toMatchObject([{ isSigned: true }]);
  });

  it('fails with a challenge that is not answered well', async () => {
    const { status, of, goLive } = await subscribed(() => 500);
    await expect.poll(status, patience).toBe('webhook_callback_verification_failed');
    goLive();
    expect(of('notification')).toEqual([]);
  });

  it('fails with a challenge that comes back changed', async () => {
    const { status } = await subscribed(() => 299);
    await expect.poll(status, patience).toBe('webhook_callback_verification_failed');
  });

  it('brings events with a signature', async () => {
    const { status, of, goLive, eventSub } = await subscribed();
    await expect.poll(status, patience).toBe('enabled');
    goLive();
    await expect.poll(() => of('notification').length, patience).toBe(1);
    expect(of('notification')[0]).toMatchObject({
      isSigned: true,
      retry: '0',
      body: { subscription: { type: 'stream.online' }, event: { broadcaster_user_login: 'otto' } },
    });
    await expect
      .poll(() => eventSub.deliveries(), patience)
      .toMatchObject([{ sent: 1, isAcknowledged: true }]);
  });

  it('comes again under one id until it is taken', async () => {
    const { status, of, goLive, eventSub } = await subscribed(({ type, retry }) =>
      type === 'notification' && retry !== '2' ? 503 : 204,
    );
    await expect.poll(status, patience).toBe('enabled');
    goLive();
    await expect
      .poll(() => eventSub.deliveries(), patience)
      .toMatchObject([{ sent: 3, isAcknowledged: true }]);
    expect(of('notification').map(({ retry }) => retry)).toEqual(['0', '1', '2']);
    expect(new Set(of('notification').map(({ id }) => id)).size).toBe(1);
    expect(status()).toBe('enabled');
  });

  it('ends after too many failures', async () => {
    const { status, of, goLive, eventSub } = await subscribed(({ type }) =>
      type === 'notification' ? 500 : 204,
    );
    await expect.poll(status, patience).toBe('enabled');
    goLive();
    await expect.poll(() => eventSub.deliveries(), patience).toMatchObject([{ sent: 4, isGivenUp: true }]);
    expect(status()).toBe('enabled');
    goLive();
    await expect.poll(status, patience).toBe('notification_failures_exceeded');
    await expect.poll(() => of('revocation').length, patience).toBe(1);
    expect(of('revocation')[0]).toMatchObject({
      isSigned: true,
      body: { subscription: { status: 'notification_failures_exceeded' } },
    });
  });

  it('goes to this machine only where a setting allows it', async () => {
    const { made, received } = await subscribed(undefined, { ...quick, allowsPlainCallbacks: false });
    expect([made.status, received.length]).toEqual([400, 0]);
  });
});
