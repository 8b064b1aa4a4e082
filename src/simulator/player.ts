import express, { type Router } from 'express';
import type { Account } from './account.ts';
import { permittedAncestors } from './frames.ts';
import { html, type Html } from './html.ts';
import { portraitPath, thumbnailPath } from './images.ts';
import { sendPage } from './page.ts';
import { parametersOf, single } from './parameters.ts';
import type { World } from './world.ts';

/** The frame of `player.twitch.tv/?channel=…&parent=…`: a picture that moves a little, or the offline screen. */
export function createPlayer(world: World, basePath: string): Router {
  const router = express.Router();
  router.get('/', (request, response) => {
    const parameters = parametersOf(request);
    const ancestors = permittedAncestors(request, response, basePath);
    if (ancestors === null) return;
    const account = watchable(world, single(parameters, 'channel'));
    const paused = single(parameters, 'autoplay') === 'false';
    sendPage(response, basePath, {
      title: `${account?.displayName ?? 'Nobody'} · simulated player`,
      body: account === null ? unknownScreen() : screen(account, basePath, paused),
      status: account === null ? 404 : 200,
      bodyClass: paused ? 'frame player paused' : 'frame player',
      script: 'player.js',
      ancestors,
    });
  });
  /** For the frame's own script: `{live, viewers}`. */
  router.get('/state', (request, response) => {
    const account = watchable(world, single(parametersOf(request), 'channel'));
    response.set('Cache-Control', 'no-store').json({
      live: account?.broadcast?.id ?? null,
      viewers: (account?.broadcast?.viewers ?? 0).toLocaleString('en'),
    });
  });
  return router;
}

function watchable(world: World, login: string | null): Account | null {
  const account = world.find(login ?? '');
  return account === null || account.banned ? null : account;
}

function screen(account: Account, basePath: string, paused: boolean): Html {
  const stateUrl = `${basePath}/player/state?channel=${account.login}`;
  return html`<main class="stage" data-state="${stateUrl}" data-live="${account.broadcast?.id ?? ''}">
    ${account.broadcast === null ? offlineScreen(account, basePath) : liveScreen(account, basePath, paused)}
  </main>`;
}

function liveScreen(account: Account, basePath: string, paused: boolean): Html {
  const picture = thumbnailPath(basePath, account).replace('{width}x{height}', '1280x720');
  return html`<img class="picture" src="${picture}" alt="" />
    <div class="beam"></div>
    ${paused && html`<p class="play" aria-hidden="true">▶</p>`}
    <p class="bar top">
      <span class="live">Live</span>
      <span class="viewers"
        ><span data-viewers>${(account.broadcast?.viewers ?? 0).toLocaleString('en')}</span> watching</span
      >
      <span class="mark">Simulated player</span>
    </p>
    <div class="bar bottom">
      <img src="${portraitPath(basePath, account)}" width="44" height="44" alt="" />
      <div class="who">
        <h1><bdi>${account.displayName}</bdi></h1>
        <p class="about"><bdi>${account.title === '' ? 'Untitled broadcast' : account.title}</bdi></p>
      </div>
      <span class="level"><i></i><i></i><i></i><i></i></span>
    </div>`;
}

function offlineScreen(account: Account, basePath: string): Html {
  return html`<div class="offline">
    <p class="mark">Simulated player</p>
    <img src="${portraitPath(basePath, account)}" width="120" height="120" alt="" />
    <h1><bdi>${account.displayName}</bdi> is offline</h1>
    ${account.title !== '' && html`<p class="about">Last time: <bdi>${account.title}</bdi></p>`}
    ${account.schedule.length > 0 && html`<p class="about">Usually on ${usualTimes(account)}</p>`}
  </div>`;
}

function usualTimes({ schedule }: Account): string {
  const names = ['Sundays', 'Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays'];
  const days = schedule.map(({ weekday }) => names[weekday] ?? '').join(', ');
  return `${days} at ${String(schedule[0]?.hour ?? 0).padStart(2, '0')}:00 UTC`;
}

function unknownScreen(): Html {
  return html`<main class="refusal">
    <h1>This channel is unavailable</h1>
    <p class="about">Simulated player: nobody has that name.</p>
  </main>`;
}
