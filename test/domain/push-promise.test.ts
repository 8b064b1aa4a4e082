import { expect, it } from 'vitest';
import { createPushPromise } from '../../src/domain/push-promise.ts';

it('A promise of push outlasts a gap, until everybody has been compared', () => {
  const covered = new Set(['1']);
  const promise = createPushPromise((id) => covered.has(id));
  promise.note(['1', '2']);
  covered.clear();
  expect([promise.covers('1'), promise.covers('2')]).toEqual([true, false]);
  promise.comparing()();
  expect(promise.covers('1')).toBe(false);
});

it('A promise of push is not asked for again once it is given', () => {
  const asked: string[] = [];
  const promise = createPushPromise((id) => asked.push(id) > 0);
  promise.note(['1', '2']);
  promise.note(['1', '2', '3']);
  expect(promise.covers('1')).toBe(true);
  expect(asked).toEqual(['1', '2', '3']);
});

it('A promise of push holds as soon as it is given, noted or not', () => {
  const covered = new Set<string>();
  const promise = createPushPromise((id) => covered.has(id));
  expect(promise.covers('1')).toBe(false);
  covered.add('1');
  expect(promise.covers('1')).toBe(true);
  covered.clear();
  expect(promise.covers('1')).toBe(true);
  promise.comparing()();
  expect(promise.covers('1')).toBe(false);
});

it('A promise of push that lapses while everybody is compared holds until they are compared again', () => {
  const covered = new Set(['1', '2']);
  const promise = createPushPromise((id) => covered.has(id));
  promise.note(['1', '2']);
  covered.delete('1');
  const settle = promise.comparing();
  covered.delete('2');
  settle();
  expect([promise.covers('1'), promise.covers('2')]).toEqual([false, true]);
  promise.comparing()();
  expect(promise.covers('2')).toBe(false);
});
