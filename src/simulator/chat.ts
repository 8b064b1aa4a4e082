import express, { type Router } from 'express';
import type { Account } from './account.ts';
import { linesFor } from './chatter.ts';
import { permittedAncestors } from './frames.ts';
import { html, type Html } from './html.ts';
import { sendPage } from './page.ts';
import { parametersOf } from './parameters.ts';
import { createRandom, pick, seedOf } from './random.ts';
import type { World } from './world.ts';

/** The frame of `twitch.tv/embed/<login>/chat?parent=…`: dark with `darkpopout`, light without. */
export function createChat(world: World, basePath: string): Router {
  const router = express.Router();
  router.get('/:login/chat', (request, response) => {
    const ancestors = permittedAncestors(request, response, basePath);
    if (ancestors === null) return;
    const account = world.find(request.params.login);
    const found = account !== null && !account.banned;
    sendPage(response, basePath, {
      title: `Chat of ${found ? account.displayName : 'nobody'} · simulated`,
      body: found
        ? room(account, world)
        : html`<main class="refusal"><h1>There is no such channel</h1></main>`,
      status: found ? 200 : 404,
      bodyClass: `frame chat ${parametersOf(request).has('darkpopout') ? 'dark' : 'light'}`,
      script: 'chat.js',
      ancestors,
    });
  });
  return router;
}

function room(account: Account, world: World): Html {
  return html`<main class="room">
    <h1>Simulated chat</h1>
    <div class="lines" role="log" aria-live="off" tabindex="0" aria-label="Chat of ${account.displayName}">
      ${conversation(account, world)}
    </div>
    <p class="composer">Nobody reads along: these lines are invented.</p>
  </main>`;
}

/** The same forty lines for a channel each time. */
function conversation(account: Account, world: World): Html[] {
  const random = createRandom(seedOf(`chat ${account.look}`));
  const people = world.everybody().filter(({ banned, look }) => !banned && look !== account.look);
  const regulars = Array.from({ length: 14 }, () => pick(random, people));
  const lines = linesFor(account.language);
  return Array.from({ length: 40 }, () => {
    const person = pick(random, regulars);
    const badge = pick(random, ['', '', '', '★', '♪', '◆']);
    return html`<p>
      ${badge !== '' && html`<span class="badge">${badge}</span>`}
      <bdi class="name c${seedOf(person.look) % 8}">${person.displayName}</bdi>:
      <bdi>${pick(random, lines).replace('{name}', account.displayName)}</bdi>
    </p>`;
  });
}
