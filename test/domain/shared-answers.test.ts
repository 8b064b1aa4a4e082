import { describe, expect, it } from 'vitest';
import { shareAnswers } from '../../src/domain/shared-answers.ts';

describe('shared answers', () => {
  it('come to everybody who waits, even when more are asked for than are remembered', async () => {
    const asked: string[] = [];
    const answer = shareAnswers({
      async ask(question) {
        asked.push(question);
        await new Promise((resolve) => setTimeout(resolve, 5));
        return `${question}!`;
      },
      most: 1,
      lastMs: 60_000,
    });
    const questions = ['a', 'b', 'c', 'a', 'b', 'c'];
    expect(await Promise.all(questions.map(answer))).toEqual(questions.map((each) => `${each}!`));
    expect(asked).toEqual(['a', 'b', 'c']);
    expect(await answer('c')).toBe('c!');
    expect(asked).toHaveLength(3);
  });

  it('are asked for again after a failure', async () => {
    let times = 0;
    const answer = shareAnswers({
      async ask() {
        times += 1;
        if (times === 1) throw new Error('away');
        return 'here';
      },
      most: 1,
      lastMs: 60_000,
    });
    await expect(answer('a')).rejects.toThrow('away');
    expect(await answer('a')).toBe('here');
  });
});
