import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import express from 'express';
import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, readDatabaseSettings } from '../src/config.ts';

const root = '/srv/followspot';

function problemsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment, root);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the configuration', () => {
  it('needs nothing at all', () => {
    const config = readConfig({}, root);
    expect(config).toMatchObject({
      port: 8080,
      publicUrl: 'http://localhost:8080',
      basePath: '/twitch',
      trustProxy: false,
      appSecret: { file: '/srv/followspot/data/app-secret', create: true },
      database: { kind: 'sqlite', file: '/srv/followspot/data/followspot.sqlite' },
      twitch: null,
      role: 'all',
      allowedUsers: null,
      pollIntervalS: 60,
      validateIntervalS: 3600,
      drainS: 5,
      transport: 'auto',
      eventSubSecret: null,
      previousEventSubSecrets: [],
      retentionDays: 30,
    });
  });

  it('takes empty and blank values for unset ones', () => {
    expect(readConfig({ SERVER_PORT: '', DB_HOST: ' ', TWITCH_CLIENT_ID: '' }, root)).toEqual(
      readConfig({}, root),
    );
  });

  it('reports every problem at once, by name and without the values', () => {
    const problems = problemsOf({
      SERVER_PORT: '99999',
      PUBLIC_URL: 'ftp://secret.example.org',
      BASE_PATH: 'twitch',
      TRUST_PROXY: 'true',
      ROLE: 'king',
      POLL_INTERVAL_S: 'often',
      RETENTION_DAYS: '0',
      TWITCH_CLIENT_ID: 'id',
      DB_HOST: 'db',
    });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
      'SERVER_PORT',
      'PUBLIC_URL',
      'BASE_PATH',
      'TRUST_PROXY',
      'ROLE',
      'POLL_INTERVAL_S',
      'RETENTION_DAYS',
      'TWITCH_CLIENT_SECRET',
      'APP_SECRET',
    ]);
    expect(problems.join()).not.toMatch(/99999|secret\.example/);
  });

  it('puts EventSub below the API unless told otherwise', () => {
    const { twitchUrls } = readConfig({ TWITCH_API_URL: 'http://localhost:8090/helix' }, root);
    expect(twitchUrls.eventSub).toBe('http://localhost:8090/helix/eventsub');
    expect(twitchUrls.eventSubSocket).toBe('wss://eventsub.wss.twitch.tv/ws');
    expect(
      readConfig({ TWITCH_EVENTSUB_API_URL: 'http://localhost:8081/eventsub/' }, root).twitchUrls.eventSub,
    ).toBe('http://localhost:8081/eventsub');
  });

  it('wants sockets, secrets, transports and days that can work', () => {
    const settings = {
      TWITCH_EVENTSUB_WS_URL: 'https://eventsub.example.org',
      TWITCH_EVENTSUB_SECRET: 'too short',
      EVENTSUB_TRANSPORT: 'pigeon',
      RETENTION_DAYS: 'ever',
    };
    expect(problemsOf(settings).map((problem) => problem.split(' ')[0])).toEqual(Object.keys(settings));
  });

  it.each([
    ['', ['EVENTSUB_TRANSPORT']],
    ['http://spot.example.org', ['EVENTSUB_TRANSPORT']],
    ['https://spot.example.org:8443', ['EVENTSUB_TRANSPORT']],
    ['HTTPS://spot.example.org:443/apps', []],
    ['nowhere', ['PUBLIC_URL']],
  ])('knows whether Twitch can call a webhook at %o', (url, names) => {
    const problems = problemsOf({ EVENTSUB_TRANSPORT: 'webhook', PUBLIC_URL: url });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(names);
  });

  it('wants both of Twitch’s credentials or none', () => {
    expect(problemsOf({ TWITCH_CLIENT_ID: 'a' })[0]).toMatch(/^TWITCH_CLIENT_SECRET is missing/);
    expect(problemsOf({ TWITCH_CLIENT_SECRET: 'a' })[0]).toMatch(/^TWITCH_CLIENT_ID is missing/);
    expect(readConfig({ TWITCH_CLIENT_ID: 'a', TWITCH_CLIENT_SECRET: 'b' }, root).twitch).toEqual({
      clientId: 'a',
      clientSecret: 'b',
    });
  });

  it('wants a secret of its own with MySQL', () => {
    expect(problemsOf({ DB_HOST: 'db' })[0]).toMatch(/^APP_SECRET is missing/);
    expect(problemsOf({ DB_HOST: 'db', APP_SECRET: 'short' })[0]).toMatch(/^APP_SECRET must/);
    const value = 'a secret of some length';
    expect(readConfig({ DB_HOST: 'db', APP_SECRET: value }, root).appSecret).toEqual({ value });
  });

  it('wants a file of the secret that can be read and holds one, and says so along with what else is wrong', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'followspot-config-'));
    const problemsWith = (name: string) =>
      problemsOf({ APP_SECRET_FILE: path.join(folder, name), DB_HOST: 'db', ROLE: 'king' }).slice(1);
    writeFileSync(path.join(folder, 'good'), 'a secret of some length\n');
    writeFileSync(path.join(folder, 'short'), 'a secret           \n');
    expect(problemsWith('good')).toEqual([]);
    expect(problemsWith('short')).toEqual(['APP_SECRET_FILE must hold at least 16 characters']);
    expect(problemsWith('none')).toEqual(['APP_SECRET_FILE names a file that cannot be read (ENOENT)']);
    expect(readConfig({ DB_HOST: 'db', APP_SECRET_FILE: 'good' }, folder).appSecret).toEqual({
      file: path.join(folder, 'good'),
      create: false,
    });
    rmSync(folder, { recursive: true });
  });

  it('names what is set and not used yet', () => {
    expect(readConfig({ REDIS_URL: 'redis://cache', METRICS_PORT: ' ' }, root).unused).toEqual(['REDIS_URL']);
  });

  it.each([
    ['off', false],
    ['0', false],
    ['2', 2],
    ['10.0.0.0/8, ::1', ['10.0.0.0/8', '::1']],
    ['::ffff:10.0.0.0/104,', ['::ffff:10.0.0.0/104']],
  ])('understands TRUST_PROXY=%s', (text, meant) => {
    expect(readConfig({ TRUST_PROXY: text }, root).trustProxy).toEqual(meant);
  });

  it.each([
    'true',
    ',',
    '10.0.0.0/33',
    '10.0.0.0/0',
    '10.0.0.0/',
    '10.0.0.256',
    '10.0.0.1/8/8',
    'fe80::1%lo',
    '::1/129',
    'a:b:c',
    '100',
  ])('refuses TRUST_PROXY=%s along with what else is wrong', (text) => {
    expect(problemsOf({ TRUST_PROXY: text, ROLE: 'king' }).map((problem) => problem.split(' ')[0])).toEqual([
      'TRUST_PROXY',
      'ROLE',
    ]);
  });

  it('takes for TRUST_PROXY only what Express takes', () => {
    const { trustProxy } = readConfig({ TRUST_PROXY: '10.0.0.0/32,0::1/128,1.2.3.4/1,::ffff:1.2.3.4' }, root);
    expect(() => express().set('trust proxy', trustProxy)).not.toThrow();
  });

  it.each([
    ['PUBLIC_URL', 'https://somebody@example.org'],
    ['PUBLIC_URL', 'https://:password@example.org'],
    ['PUBLIC_URL', 'https://example.org/?'],
    ['PUBLIC_URL', 'https://example.org:99999'],
    ['BASE_PATH', '/a/../b'],
    ['BASE_PATH', '/./a'],
    ['BASE_PATH', '/a/..'],
    ['BASE_PATH', '/Health/'],
    ['BASE_PATH', '/health/live'],
    ['APP_SECRET_PREVIOUS', 'an earlier secret of enough length, short'],
    ['TWITCH_EVENTSUB_SECRET_PREVIOUS', 'a secret for webhooks, too short'],
    ['ALLOWED_USERS', ' , ,'],
    ['ALLOWED_USERS', 'lumi, https://twitch.tv/otterlogic'],
    ['DB_HOST', 'http://db:3306/x'],
    ['DB_HOST', 'db:3306'],
    ['TWITCH_EVENTSUB_WS_URL', 'nonsense'],
    ['POLL_INTERVAL_S', '0.04'],
    ['POLL_INTERVAL_S', '3601'],
    ['POLL_INTERVAL_S', 'Infinity'],
    ['VALIDATE_INTERVAL_S', '0'],
    ['VALIDATE_INTERVAL_S', '3601'],
    ['DRAIN_S', '-1'],
    ['DRAIN_S', '61'],
  ])('refuses %s=%s', (name, value) => {
    const problems = problemsOf({ APP_SECRET: 'a secret of some length', [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^${name} must `));
  });

  it.each([
    ['BASE_PATH', '/healthy/...'],
    ['PUBLIC_URL', 'http://[::1]:8080/@apps'],
    ['APP_SECRET_PREVIOUS', 'an earlier secret, an even earlier secret'],
    ['TWITCH_EVENTSUB_SECRET', 'one secret, with commas'],
    ['TWITCH_EVENTSUB_SECRET_PREVIOUS', 'a secret for webhooks, an earlier one'],
    ['POLL_INTERVAL_S', '0.05'],
    ['VALIDATE_INTERVAL_S', '3600'],
    ['DRAIN_S', '60'],
    ['DB_HOST', 'db_1.example.org'],
    ['DB_HOST', '::1'],
    ['ALLOWED_USERS', 'Lumi_2, 1234'],
  ])('takes %s=%s', (name, value) => {
    expect(problemsOf({ APP_SECRET: 'a secret of some length', [name]: value })).toEqual([]);
  });

  it('keeps addresses without the slash at their end', () => {
    const config = readConfig({ PUBLIC_URL: 'https://example.org/apps/', BASE_PATH: '/' }, root);
    expect([config.publicUrl, config.basePath]).toEqual(['https://example.org/apps', '']);
  });

  it.each([
    ['HTTPS://Example.ORG:443/Apps/', 'https://example.org/Apps'],
    ['Http://LOCALHOST:8080', 'http://localhost:8080'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ])('writes %s as browsers do, on which secure cookies depend', (given, kept) => {
    expect(readConfig({ PUBLIC_URL: given }, root).publicUrl).toBe(kept);
    const socket = given.replace(/^http/i, 'WS');
    expect(readConfig({ TWITCH_EVENTSUB_WS_URL: socket }, root).twitchUrls.eventSubSocket).toBe(
      kept.replace(/^http/, 'ws'),
    );
  });

  it('lists the allowed users in lower case', () => {
    expect(readConfig({ ALLOWED_USERS: 'Lumi, 1234 ,' }, root).allowedUsers).toEqual(['lumi', '1234']);
  });

  it('gives the migrations what they need without the rest being right', () => {
    expect(readDatabaseSettings({ SERVER_PORT: 'x', DB_HOST: 'db', DB_PORT: '3307' }, root)).toMatchObject({
      kind: 'mysql',
      port: 3307,
    });
    expect(() => readDatabaseSettings({ DB_HOST: 'db', DB_PORT: 'x' }, root)).toThrow(/DB_PORT/);
  });
});
