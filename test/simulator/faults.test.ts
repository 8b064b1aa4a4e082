import express from 'express';
import supertest from 'supertest';
import { describe, expect, it } from 'vitest';
import { runSimulator } from './running-simulator.ts';

describe('a fault on command', () => {
  it('answers any status as Twitch writes it, as often as told, where told', async () => {
    const { appToken, helix, simulator } = await runSimulator();
    const token = await appToken();
    simulator.faults.add({ path: '/helix/streams', kind: 'status', status: 503, times: 2 });
    expect((await helix('/users?login=otto', token)).status).toBe(200);
    expect(await helix('/streams', token)).toMatchObject({
      status: 503,
      body: { error: 'Service Unavailable', status: 503 },
    });
    expect((await helix('/streams', token)).status).toBe(503);
    expect((await helix('/streams', token)).status).toBe(200);
  });

  it('is late, and then right', async () => {
    const { appToken, helix, simulator } = await runSimulator();
    const token = await appToken();
    simulator.faults.add({ path: '/helix', kind: 'slow', ms: 60 });
    const before = performance.now();
    expect((await helix('/users?login=otto', token)).data).toHaveLength(1);
    expect(performance.now() - before).toBeGreaterThan(50);
  });

  it('hangs until the asker gives up or the faults are cleared', async () => {
    const { url, simulator } = await runSimulator();
    simulator.faults.add({ path: '/helix', kind: 'hang' });
    await expect(fetch(`${url}/helix/users`, { signal: AbortSignal.timeout(300) })).rejects.toThrow(
      'timeout',
    );
    simulator.calls.reset();
    const hanging = fetch(`${url}/helix/users`).catch(() => 'broken off');
    await expect.poll(() => simulator.calls.count('/helix'), { timeout: 5_000 }).toBe(1);
    simulator.faults.clear();
    expect(await hanging).toBe('broken off');
    expect((await fetch(`${url}/helix/users`)).status).toBe(401);
  });

  it('resets the connection, before or in the middle of the answer', async () => {
    const { url, simulator } = await runSimulator();
    simulator.faults.add({ path: '/helix', kind: 'reset', times: 1 });
    await expect(fetch(`${url}/helix/users`)).rejects.toThrow('fetch failed');
    simulator.faults.add({ path: '/helix', kind: 'cut', times: 1 });
    const cut = await fetch(`${url}/helix/users`);
    expect(cut.status).toBe(200);
    await expect(cut.text()).rejects.toThrow(/terminated|JSON|aborted/);
  });

  it('answers 200 with broken JSON, no JSON and the wrong shapes', async () => {
    const { url, simulator } = await runSimulator();
    for (const kind of ['truncated', 'malformed'] as const) {
      simulator.faults.add({ path: '/helix', kind, times: 1 });
      const response = await fetch(`${url}/helix/users`);
      expect(response.status).toBe(200);
      await expect(response.json()).rejects.toThrow(/terminated|JSON|aborted/);
    }
    simulator.faults.add({ path: '/oauth2/token', kind: 'shape', times: 1 });
    const shape = await fetch(`${url}/oauth2/token`, { method: 'POST' });
    expect(await shape.json()).toMatchObject({ access_token: 7, data: { id: 7 } });
  });
});

describe('an outage', () => {
  it('strikes what servers ask and spares what browsers see', async () => {
    const { url, simulator } = await runSimulator();
    const statusOf = async (path: string, method = 'GET') =>
      (await fetch(`${url}${path}`, { method })).status;
    simulator.faults.outage(true);
    for (const path of ['/helix/users', '/helix/streams', '/oauth2/validate'])
      expect(await statusOf(path)).toBe(503);
    expect(await statusOf('/oauth2/token', 'POST')).toBe(503);
    expect(await statusOf('/images/portraits/otto-30x30.svg')).toBe(200);
    expect(await statusOf('/player?channel=otto&parent=localhost')).toBe(200);
    expect(await statusOf('/control')).toBe(200);
    simulator.faults.outage(false);
    expect(await statusOf('/helix/users')).toBe(401);
  });
});

describe('the log of calls', () => {
  it('counts what was asked, with all values of each parameter, until it is reset', async () => {
    const { appToken, helix, simulator } = await runSimulator();
    const token = await appToken();
    await helix('/users?id=1&id=2&login=otto', token);
    expect(simulator.calls.count('/helix/users')).toBe(1);
    expect(simulator.calls.all().at(-1)).toMatchObject({
      method: 'GET',
      path: '/helix/users',
      query: { id: ['1', '2'], login: ['otto'] },
    });
    simulator.calls.reset();
    expect(simulator.calls.count()).toBe(0);
  });

  it('keeps the last 2,000, without long words', async () => {
    const { url, simulator } = await runSimulator();
    await fetch(`${url}/${'p'.repeat(5_000)}?${'n'.repeat(500)}=${'x'.repeat(5_000)}&${'n=y&'.repeat(500)}`);
    const [call] = simulator.calls.all();
    expect(call?.path).toHaveLength(200);
    expect(Object.entries(call?.query ?? {}).map(([name, values]) => [name.length, values.length])).toEqual([
      [200, 1],
      [1, 199],
    ]);
    expect(call?.query['n'.repeat(200)]).toEqual(['x'.repeat(200)]);

    const app = express().use(simulator.calls.record, (_request, response) => void response.end());
    for (let batch = 0; batch < 21; batch += 1) {
      await Promise.all(Array.from({ length: 100 }, () => supertest(app).get('/later')));
    }
    expect(simulator.calls.all()).toHaveLength(2_000);
    expect(simulator.calls.count('/later')).toBe(2_000);
  }, 30_000);
});
