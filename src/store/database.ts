import { setTimeout as wait } from 'node:timers/promises';
import type { Knex } from 'knex';
import { isLockedFile, isWorthRepeating, toPublicError } from './faults.ts';

/** How the repositories speak to the database. Both throw `AppError('unavailable')` while it is out of reach. */
export interface Database {
  /** For single statements that may be sent twice without harm. */
  run: <Result>(work: (knex: Knex) => Promise<Result>) => Promise<Result>;
  /** All or nothing. `work` may be called several times and must use only the transaction that it is given. */
  transact: <Result>(work: (transaction: Knex.Transaction) => Promise<Result>) => Promise<Result>;
}

/**
 * Up to three tries with jitter while there is time (as many as fit when a file is locked), and an answer within three seconds whatever happens:
 * waiting for a connection, connecting and the query may each take long enough to be too long together.
 */
export function createDatabase(knex: Knex): Database {
  return {
    run: (work) => withinDeadline(repeat(() => work(knex))),
    transact: (work) => withinDeadline(repeat(() => knex.transaction(work))),
  };
}

const tries = 3;
const patienceMs = 1500;
const longestPauseMs = 160;
const deadlineMs = 2800;

async function repeat<Result>(work: () => Promise<Result>): Promise<Result> {
  const startedAt = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const isTriedEnough = attempt >= tries && !isLockedFile(error);
      const isHopeless = isTriedEnough || performance.now() - startedAt > patienceMs;
      if (isHopeless || !isWorthRepeating(error)) throw toPublicError(error);
      await wait(Math.min(10 * 2 ** attempt, longestPauseMs) * (0.5 + Math.random()));
    }
  }
}

function withinDeadline<Result>(work: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const late = Object.assign(new Error('The database took too long'), { code: 'ETIMEDOUT' });
      reject(toPublicError(late));
    }, deadlineMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
