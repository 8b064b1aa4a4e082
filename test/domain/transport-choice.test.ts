import { describe, expect, it } from 'vitest';
import type { Candidate, Transport } from '../../src/domain/transport.ts';
import { createTransportChoice } from '../../src/domain/transport-choice.ts';
import { silent } from './fake-event-sub.ts';

type Name = Candidate['name'];

/** Ways of hearing that work or not as the test says, and a clock that it moves. */
function choosing(names: Name[], options: { isFixed?: boolean } = {}) {
  const clock = { ms: 0 };
  const trouble = new Map<Name, string>();
  const obstacles = new Map<Name, string>();
  const progress = new Map<Name, number>();
  const said: string[] = [];
  const transportOf = (name: Name): Transport => {
    said.push(`open ${name}`);
    return {
      refresh: (afterMs) => void said.push(`refresh ${name} ${afterMs}`),
      revoked: () => undefined,
      forgive: () => undefined,
      trouble: () => trouble.get(name) ?? null,
      progress: () => progress.get(name) ?? 0,
      isHeld: () => false,
      reasonOf: () => null,
      report: () => ({
        problems: [],
        sockets: [],
        shards: [],
        costs: { total: null, max: null },
        reconciledAt: null,
        watches: { wished: 0, existing: 0, missing: 0 },
      }),
      async stop(because) {
        said.push(`${name} ${because}`);
      },
    };
  };
  const choice = createTransportChoice({
    candidates: names.map((name) => ({
      name,
      obstacle: async () => obstacles.get(name) ?? null,
      open: () => transportOf(name),
    })),
    isFixed: options.isFixed ?? false,
    patienceMs: 60_000,
    retryBetterMs: 300_000,
    now: () => new Date(clock.ms),
    onChange: () => undefined,
    log: silent,
  });
  async function after(seconds: number): Promise<string> {
    for (let passed = 0; passed < seconds; passed += 1) {
      clock.ms += 1_000;
      await choice.look();
    }
    return choice.present().name;
  }
  return { choice, after, trouble, obstacles, progress, said };
}

describe('the choice of how to hear', () => {
  it('takes the best that works', async () => {
    const { choice, after } = choosing(['webhook', 'conduit']);
    expect(await after(3)).toBe('webhook');
    expect(choice.why()).toContain('best way');
    expect(choice.problems()).toEqual([]);
  });

  it('passes over what cannot be tried, and says why', async () => {
    const { choice, after, obstacles } = choosing(['webhook', 'conduit']);
    obstacles.set('webhook', 'PUBLIC_URL does not begin with https.');
    expect(await after(3)).toBe('conduit');
    expect(choice.why()).toContain('webhook: PUBLIC_URL does not begin with https.');
  });

  it('takes the next when the best does not begin to work', async () => {
    const { choice, after, trouble, said } = choosing(['webhook', 'conduit']);
    trouble.set('webhook', 'Twitch has not confirmed our address.');
    expect(await after(30)).toBe('poll');
    expect(await after(40)).toBe('conduit');
    expect(said).toContain('webhook failed');
    expect(choice.why()).toContain('Twitch has not confirmed our address.');
  });

  it('is patient with the best while its watches are made', async () => {
    const { after, trouble, progress } = choosing(['webhook', 'conduit']);
    trouble.set('webhook', 'Twitch has not confirmed all watches yet.');
    for (const made of [10, 20, 30]) {
      progress.set('webhook', made);
      expect(await after(50)).toBe('poll');
    }
    trouble.delete('webhook');
    expect(await after(1)).toBe('webhook');
  });

  it('loses patience when its watches only come and go', async () => {
    const { after, trouble, progress } = choosing(['webhook', 'conduit']);
    trouble.set('webhook', 'Twitch has not confirmed our address.');
    for (const made of [1, 0, 1, 0]) {
      progress.set('webhook', made);
      await after(20);
    }
    expect(await after(1)).toBe('conduit');
  });

  it('waits out a short failure, falls back after a long one, and returns', async () => {
    const { choice, after, trouble, said } = choosing(['conduit', 'websocket']);
    await after(3);
    trouble.set('conduit', 'No socket to Twitch is open.');
    expect(await after(55)).toBe('conduit');
    expect(choice.problems()).toEqual(['No socket to Twitch is open.']);
    expect(await after(10)).toBe('websocket');
    expect(choice.why()).toContain('conduit: No socket to Twitch is open.');
    trouble.delete('conduit');
    expect(await after(200)).toBe('websocket');
    expect(await after(110)).toBe('conduit');
    // What the old one held counted against the budget of the new one.
    expect(said.slice(-3)).toEqual(['open conduit', 'websocket replaced', 'refresh conduit 0']);
  });

  it('keeps the old until the new one works', async () => {
    const { after, trouble, said } = choosing(['conduit', 'websocket']);
    await after(3);
    trouble.set('conduit', 'No socket to Twitch is open.');
    trouble.set('websocket', 'The socket is not open.');
    await after(70);
    expect(said).toEqual(['open conduit', 'refresh conduit 0', 'open websocket']);
    trouble.delete('websocket');
    await after(1);
    expect(said.slice(-2)).toEqual(['conduit failed', 'refresh websocket 0']);
  });

  it('stays when it recovers while another is being tried', async () => {
    const { after, trouble, said } = choosing(['conduit', 'websocket']);
    await after(3);
    trouble.set('conduit', 'No socket to Twitch is open.');
    trouble.set('websocket', 'The socket is not open.');
    await after(70);
    trouble.delete('conduit');
    expect(await after(2)).toBe('conduit');
    expect(said.at(-1)).toBe('websocket replaced');
  });

  it('goes back to the poll when nothing works, and keeps what it had at Twitch', async () => {
    const { after, trouble, said } = choosing(['conduit']);
    await after(3);
    trouble.set('conduit', 'No socket to Twitch is open.');
    expect(await after(65)).toBe('poll');
    expect(said.at(-1)).toBe('conduit paused');
    trouble.delete('conduit');
    expect(await after(310)).toBe('conduit');
  });

  it('never leaves the one that is fixed, and says why it does not work', async () => {
    const { choice, after, trouble } = choosing(['websocket'], { isFixed: true });
    trouble.set('websocket', 'The socket is not open.');
    expect(await after(600)).toBe('websocket');
    expect(choice.problems()).toEqual(['The socket is not open.']);
    expect(choice.why()).toContain('EVENTSUB_TRANSPORT asks for websocket');
  });

  it('says what stands in the way of the fixed one, and begins when nothing does', async () => {
    const { choice, after, obstacles } = choosing(['websocket'], { isFixed: true });
    obstacles.set('websocket', 'Nobody has signed in yet.');
    expect(await after(5)).toBe('poll');
    expect(choice.problems()).toEqual(['Nobody has signed in yet.']);
    obstacles.clear();
    expect(await after(1)).toBe('websocket');
    expect(choice.problems()).toEqual([]);
  });

  it('has nothing to choose where only the poll is wanted', async () => {
    const { choice, after } = choosing([], { isFixed: true });
    expect(await after(100)).toBe('poll');
    expect(choice.problems()).toEqual([]);
    expect(choice.why()).toContain('EVENTSUB_TRANSPORT asks for poll');
  });

  it('ends what runs, and begins nothing afterwards', async () => {
    const { choice, after, said } = choosing(['conduit']);
    await after(3);
    await choice.stop();
    await after(3);
    expect(said).toEqual(['open conduit', 'refresh conduit 0', 'conduit paused']);
  });
});
