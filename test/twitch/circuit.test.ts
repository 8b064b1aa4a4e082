import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TwitchLogEntry } from '../../src/twitch/index.ts';
import {
  clientOf,
  failureOf,
  hang,
  json,
  raw,
  reset,
  startFakeTwitch,
  status,
  wireUser,
} from './fake-twitch.ts';
import type { FakeTwitch, Script } from './fake-twitch.ts';

let fake: FakeTwitch;
/** Moved by the tests, so that pauses need no waiting. */
let time: number;
beforeEach(async () => {
  fake = await startFakeTwitch();
  time = Date.parse('2026-11-22T08:00:00Z');
});
afterEach(() => fake.close());

const now = () => new Date(time);
const users = json({ data: [wireUser('1')] });
const pace = { faults: 4, trialMs: 100 };

describe('the circuit', () => {
  it.each<[string, Script]>([
    ['5xx', status(503)],
    ['broken connections', reset],
    ['malformed answers', raw('<p>')],
    ['silence', hang],
  ])('opens after %s in a row and then refuses at once, without a call', async (_, fault) => {
    fake.script('/users', fault);
    const twitch = clientOf(fake, { now, pace, deadlineMs: fault === hang ? 500 : 8000 });
    while (twitch.state().api.circuit === 'closed') await failureOf(twitch.usersByIds(['1']));
    expect(fake.asked('/users')).toHaveLength(4);

    const begun = performance.now();
    const failure = await failureOf(twitch.usersByIds(['1']));
    expect(failure).toMatchObject({
      kind: 'unavailable',
      status: null,
      path: '/users',
      retryAfterS: 2,
      sent: false,
    });
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(fake.asked('/users')).toHaveLength(4);
    expect(twitch.state().api).toEqual({ circuit: 'open', since: now() });
  });

  it.each([400, 401, 403, 404, 429])('stays closed however often Twitch answers %i', async (code) => {
    fake.script('/users', status(code));
    const twitch = clientOf(fake, { now, pace });
    for (let call = 0; call < 10; call += 1) await failureOf(twitch.usersByIds(['1']));
    expect(twitch.state().api.circuit).toBe('closed');
  });

  it('stays closed when an answer comes between the faults', async () => {
    fake.script(
      '/users',
      status(500),
      status(500),
      status(500),
      users,
      status(500),
      status(500),
      status(500),
      users,
    );
    const twitch = clientOf(fake, { now, pace });
    await failureOf(twitch.usersByIds(['1']));
    await twitch.usersByIds(['1']);
    await failureOf(twitch.usersByIds(['1']));
    await twitch.usersByIds(['1']);
    expect(twitch.state().api.circuit).toBe('closed');
  });

  it('closes when a trial after the pause succeeds', async () => {
    const twitch = await broken();
    fake.script('/users', users);
    time += 1300;
    expect(await twitch.usersByIds(['1'])).toHaveLength(1);
    expect(twitch.state().api).toEqual({ circuit: 'closed', since: now() });
  });

  it('closes when a trial is answered by a refusal, for that is an answer', async () => {
    const twitch = await broken();
    fake.script('/users', status(404));
    time += 1300;
    await failureOf(twitch.usersByIds(['1']));
    expect(twitch.state().api.circuit).toBe('closed');
  });

  it('lets one trial through and turns the others away meanwhile', async () => {
    const twitch = await broken();
    fake.script('/users', hang);
    const before = fake.asked('/users').length;
    time += 1300;
    const trial = failureOf(twitch.usersByIds(['1']));
    await expect.poll(() => fake.asked('/users').length).toBe(before + 1);
    expect(twitch.state().api.circuit).toBe('half-open');
    expect(await failureOf(twitch.usersByIds(['2']))).toMatchObject({ kind: 'unavailable', sent: false });
    await trial;
    expect(fake.asked('/users')).toHaveLength(before + 1);
    expect(twitch.state().api.circuit).toBe('open');
  });

  it('ends a silent trial early, so that the next one may find Twitch back', async () => {
    const twitch = await broken();
    fake.script('/users', hang);
    time += 1300;
    const begun = performance.now();
    await failureOf(twitch.usersByIds(['1']));
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  it('ends a call with the fault that opened it', async () => {
    fake.script('/users', status(503));
    const twitch = clientOf(fake, { now, pace: { ...pace, faults: 1 } });
    expect(await failureOf(twitch.usersByIds(['1']))).toMatchObject({ status: 503, sent: true });
    expect(fake.asked('/users')).toHaveLength(1);
  });

  it('pauses longer after each failed trial, up to a limit, and shortly again after a recovery', async () => {
    const twitch = await broken();
    expect(await pauseOf(twitch)).toBe(1200);
    expect(await pauseOf(twitch)).toBe(2400);
    expect(await pauseOf(twitch)).toBe(2500);
    expect(await pauseOf(twitch)).toBe(2500);
    fake.script('/users', users);
    time += 2500;
    await twitch.usersByIds(['1']);
    fake.script('/users', status(503));
    while (twitch.state().api.circuit === 'closed') await failureOf(twitch.usersByIds(['1']));
    expect(await pauseOf(twitch)).toBe(1200);
  });

  it('asks less than once a second through a long outage and is back within 5 s', async () => {
    const twitch = await broken();
    const before = fake.requests.length;
    for (let step = 0; step < 600; step += 1) {
      time += 100;
      await failureOf(twitch.usersByIds(['1']));
    }
    expect(fake.requests.length - before).toBeLessThan(60);
    fake.script('/users', users);
    let waited = 0;
    while (twitch.state().api.circuit !== 'closed') {
      time += 100;
      waited += 100;
      await twitch.usersByIds(['1']).catch(() => undefined);
    }
    // A trial that began just before Twitch came back may hang for 2 s first.
    expect(waited + 2000).toBeLessThan(5000);
  });

  it('is one for each host', async () => {
    fake.script('/validate', status(500));
    const twitch = clientOf(fake, { now, pace });
    await twitch.usersByIds(['1']);
    for (let call = 0; call < 3; call += 1) await failureOf(twitch.validate('t'));
    expect(twitch.state()).toMatchObject({ auth: { circuit: 'open' }, api: { circuit: 'closed' } });
    expect(await twitch.usersByIds(['1'])).toHaveLength(1);
  });

  it('is logged', async () => {
    const entries: TwitchLogEntry[] = [];
    const twitch = await broken((entry) => entries.push(entry));
    fake.script('/users', users);
    time += 1300;
    await twitch.usersByIds(['1']);
    expect(entries.filter(({ event }) => event === 'circuit')).toEqual([
      { event: 'circuit', host: 'api', state: 'open' },
      { event: 'circuit', host: 'api', state: 'half-open' },
      { event: 'circuit', host: 'api', state: 'closed' },
    ]);
  });
});

async function broken(log: (entry: TwitchLogEntry) => void = () => undefined) {
  const twitch = clientOf(fake, { now, pace, log });
  fake.script('/users', status(503));
  while (twitch.state().api.circuit === 'closed') await failureOf(twitch.usersByIds(['1']));
  return twitch;
}

/** How long, in steps of 100 ms, no call gets through; ends with a trial that failed. */
async function pauseOf(twitch: Awaited<ReturnType<typeof broken>>): Promise<number> {
  const before = fake.requests.length;
  let waited = 0;
  while (fake.requests.length === before) {
    time += 100;
    waited += 100;
    await failureOf(twitch.usersByIds(['1']));
  }
  return waited;
}
