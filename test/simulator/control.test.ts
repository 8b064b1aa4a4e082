import { describe, expect, it } from 'vitest';
import { runSimulator } from './running-simulator.ts';

const json = { Accept: 'application/json' };

describe('the control', () => {
  it('answers a form with 303 and a program with JSON', async () => {
    const { post, simulator } = await runSimulator();
    const form = await post('/control/streamers/otto/live', {
      title: 'Now',
      category: 'Starfreight',
      viewers: '12',
    });
    expect([form.status, form.headers.get('location')]).toEqual([303, '/control']);
    expect(simulator.world.find('otto')).toMatchObject({
      title: 'Now',
      category: { name: 'Starfreight' },
      broadcast: { viewers: 12 },
    });
    const program = await post('/control/streamers/otto/offline', {}, json);
    expect(await program.json()).toEqual({ ok: true });
    expect(simulator.world.find('otto')?.broadcast).toBeNull();
  });

  it('takes JSON bodies', async () => {
    const { url, simulator } = await runSimulator();
    const response = await fetch(`${url}/control/streamers/otto/rename`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ to: 'ottilie' }),
    });
    expect(await response.json()).toEqual({ ok: true });
    expect(simulator.world.find('ottilie')).not.toBeNull();
  });

  it('commands faults, the outage, tokens and the rate limit', async () => {
    const { url, post, appToken, helix } = await runSimulator();
    const token = await appToken();
    const statusOfUsers = async () => (await helix('/users?login=otto', token)).status;
    await post('/control/faults', { path: '/helix', kind: 'status', status: '500', ms: '', times: '' });
    expect(await statusOfUsers()).toBe(500);
    await fetch(`${url}/control/faults`, { method: 'DELETE' });
    expect(await statusOfUsers()).toBe(200);
    await post('/control/outage', { on: '1' });
    expect(await statusOfUsers()).toBe(503);
    await post('/control/outage', { on: '0' });
    await post('/control/rate-limit', { limit: '0' });
    expect(await statusOfUsers()).toBe(429);
    await post('/control/rate-limit', { limit: '800' });
    await post('/control/people/app/expire', {});
    expect(await statusOfUsers()).toBe(401);
  });

  it('commands the lag and the blinks of Get Streams, and shows the lag', async () => {
    const { url, post, appToken, helix, simulator } = await runSimulator();
    const token = await appToken();
    const count = async () => (await helix('/streams?user_login=otto', token)).data.length;
    simulator.world.goLive('otto');
    await post('/control/streamers/otto/blink', { times: '' });
    expect([await count(), await count()]).toEqual([0, 1]);
    await post('/control/streams/lag', { ms: '60000' });
    expect(await count()).toBe(0);
    expect(await (await fetch(`${url}/control`)).text()).toMatch(/name="ms"[^>]*value="60000"/);
    await post('/control/streams/lag', { ms: '0' });
    expect(await count()).toBe(1);
    expect((await post('/control/streamers/nobody_at_all/blink', {})).status).toBe(404);
  });

  it('lists and resets the calls, its own aside', async () => {
    const { url, post } = await runSimulator();
    await fetch(`${url}/helix/users`);
    const calls = async () => (await fetch(`${url}/control/calls`)).json();
    expect(await calls()).toMatchObject([{ method: 'GET', path: '/helix/users' }]);
    await post('/control/calls/reset', {});
    expect(await calls()).toEqual([]);
  });

  it('refuses what makes no sense, by name', async () => {
    const { post } = await runSimulator();
    const statusOf = async (path: string, form: Record<string, string>) =>
      (await post(`/control${path}`, form, json)).status;
    expect(await statusOf('/streamers/nobody_at_all/live', {})).toBe(404);
    expect(await statusOf('/streamers/otto/rename', { to: 'ironpetal' })).toBe(409);
    expect(await statusOf('/streamers/otto/live', { viewers: 'many' })).toBe(400);
    expect(await statusOf('/faults', { kind: 'earthquake' })).toBe(400);
    expect(await statusOf('/faults', { kind: 'status', status: '42' })).toBe(400);
  });

  it('takes no command from another site', async () => {
    const { post, simulator } = await runSimulator();
    const response = await post('/control/streamers/otto/live', {}, { 'Sec-Fetch-Site': 'cross-site' });
    expect(response.status).toBe(403);
    expect(simulator.world.find('otto')?.broadcast).toBeNull();
  });

  it('shows hostile text as text on its page', async () => {
    const { url, post } = await runSimulator();
    await post('/control/streamers/otto/hostile', {});
    const page = await (await fetch(`${url}/control`)).text();
    expect(page).toContain('&lt;script src=//evil.invalid&gt;');
    expect(page).not.toMatch(/<script|<img src=x/);
  });

  it('works below a path', async () => {
    const { url, post } = await runSimulator({ publicUrl: 'http://localhost:8080/twitch/simulator' });
    expect((await post('/control/streamers/otto/live', {})).headers.get('location')).toBe(
      '/twitch/simulator/control',
    );
    expect(await (await fetch(`${url}/control`)).text()).toContain(
      'href="/twitch/simulator/assets/simulator.css"',
    );
  });
});
