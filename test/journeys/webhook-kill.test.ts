import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { createStore, createTokenCipher } from '../../src/store/index.ts';
import { describeOnEveryDatabase, type TestDatabase } from '../support/databases.ts';
import { type Demo, startDemo } from '../support/demo.ts';
import { endProcesses } from '../support/processes.ts';
import { streamer } from '../support/streamers.ts';
import { delivery, raidNotification, type WebhookDelivery, webhookSecret } from '../support/webhook.ts';

const deliveries = 5_000;
const inFlight = 40;
const kills = 12;
const streamerId = '900900';

afterEach(endProcesses);

describeOnEveryDatabase('A process that is killed while webhooks come', (open) => {
  it('has stored what it acknowledged, each once', { timeout: 150_000 }, async () => {
    const database = await open();
    const store = createStore({ knex: database.knex, tokenCipher: createTokenCipher(['not used']) });
    await store.streamers.saveProfiles([streamer({ id: streamerId, login: 'killed' })], new Date());
    const { acknowledged, killed } = await bombard(database);

    expect(killed).toBeGreaterThanOrEqual(10);
    expect(acknowledged.size).toBe(deliveries);
    const rows = await database
      .knex('stream_events')
      .where({ streamer_id: streamerId })
      .pluck<string[]>('message_id');
    expect(rows.toSorted()).toEqual([...acknowledged].toSorted());
    expect((await historyOf(store)).toSorted()).toEqual([...acknowledged].toSorted());
    await database.drop();
  });
});

/** Delivers as Twitch does, each again until it is taken, and kills the process every few hundred. */
async function bombard(database: TestDatabase): Promise<{ acknowledged: Set<string>; killed: number }> {
  const acknowledged = new Set<string>();
  const begin = () => startDemo(database.settings, { TWITCH_EVENTSUB_SECRET: webhookSecret });
  const present: { demo: Demo } = { demo: await begin() };
  let killed = 0;

  async function deliver(number: number): Promise<void> {
    const id = `delivery-${number}`;
    const raid = delivery(raidNotification(streamerId, `Raider ${number}`, String(number)), { id });
    while (!(await isTaken(present.demo.origin, raid))) await wait(10 + Math.random() * 40);
    acknowledged.add(id);
  }

  async function send(): Promise<void> {
    while (next < deliveries) await deliver((next += 1));
  }

  async function killAgainAndAgain(): Promise<void> {
    while (killed < kills) {
      const enough = acknowledged.size + 20 + Math.random() * ((deliveries / kills - 20) * 0.9);
      while (acknowledged.size < enough) await wait(1);
      present.demo.process.kill('SIGKILL');
      expect(await present.demo.process.ended).toBe('SIGKILL');
      killed += 1;
      present.demo = await begin();
    }
  }

  let next = 0;
  await Promise.all([...Array.from({ length: inFlight }, send), killAgainAndAgain()]);
  await present.demo.stop();
  return { acknowledged, killed };
}

/** Whether it was acknowledged; no answer is no yes. */
async function isTaken(origin: string, { body, headers }: WebhookDelivery): Promise<boolean> {
  try {
    const answer = await fetch(`${origin}/twitch/webhooks/eventsub`, { method: 'POST', body, headers });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

async function historyOf({ events }: ReturnType<typeof createStore>): Promise<string[]> {
  const shown: string[] = [];
  let page = await events.history({ scope: { streamerId } }, 500);
  for (;;) {
    shown.push(...page.events.map(({ messageId }) => messageId));
    if (page.next === null) return shown;
    page = await events.history({ scope: { streamerId }, before: page.next }, 500);
  }
}
