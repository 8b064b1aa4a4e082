import { AppError } from '../domain/errors.ts';

/** How long a browser waits for what has to be asked of Twitch, in milliseconds. */
const patienceMs = 4_000;

/**
 * What `work` comes to, if it does so in time. The work itself goes on: whoever tries again finds its answer.
 * @throws AppError `unavailable` when it takes longer
 */
export async function inTime<Value>(work: Promise<Value>, ms = patienceMs): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const message = 'Twitch is taking too long to answer. Please try again in a moment.';
      reject(new AppError('unavailable', message, { retryAfterS: 5 }));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
