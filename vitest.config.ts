import { defineConfig } from 'vitest/config';

/** What starts whole processes (the program itself included) and browsers: after all else, one file at a time. */
const journeys = ['test/journeys/**/*.test.ts', 'test/bin/**/*.test.ts', 'test/**/main.test.ts'];

export default defineConfig({
  test: {
    allowOnly: process.env['CI'] !== 'true',
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: journeys,
          testTimeout: 15_000,
          hookTimeout: 30_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'journeys',
          include: journeys,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
