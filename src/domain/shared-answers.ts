import { LRUCache } from 'lru-cache';

/**
 * A function that answers by `ask`, once for all who ask the same meanwhile, and remembers up to `most`
 * answers for `lastMs` milliseconds. Failures are not remembered.
 */
export function shareAnswers<Answer extends object | string>(settings: {
  ask: (question: string) => Promise<Answer>;
  most: number;
  lastMs: number;
}): (question: string) => Promise<Answer> {
  const answers = new LRUCache<string, Answer>({ max: settings.most, ttl: settings.lastMs });
  // Apart from the answers: whoever is asked about must not be forgotten for the sake of others.
  const flights = new Map<string, Promise<Answer>>();

  return async (question) => {
    const answer = answers.get(question);
    if (answer !== undefined) return answer;
    const flight = flights.get(question) ?? begin(question);
    flights.set(question, flight);
    return await flight;
  };

  async function begin(question: string): Promise<Answer> {
    try {
      const answer = await settings.ask(question);
      answers.set(question, answer);
      return answer;
    } finally {
      flights.delete(question);
    }
  }
}
