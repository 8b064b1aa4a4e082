import type { Account } from './account.ts';
import { streamersWhoSignIn } from './cast.ts';
import { html, type Html } from './html.ts';
import { portraitPath } from './images.ts';
import type { Page } from './page.ts';
import { meaningOf } from './scopes.ts';
import type { World } from './world.ts';

/** What an application asks a person for, checked. */
export interface ConsentRequest {
  redirectUri: string;
  scopes: string[];
  state: string | null;
  forceVerify: boolean;
}

interface Consent {
  world: World;
  basePath: string;
  asked: ConsentRequest;
  clientId: string;
  /** Who is chosen already, because they allowed all of this before. */
  chosen: Account | null;
  /** The form came back without a person. */
  missingChoice: boolean;
}

/** Where a person is chosen and says yes or no. A plain form: it needs no script. */
export function consentPage({ world, basePath, asked, clientId, chosen, missingChoice }: Consent): Page {
  const people = world.everybody().filter(({ banned }) => !banned);
  const viewers = people.filter(({ kind }) => kind === 'viewer');
  const streamers = people.filter(({ look }) => streamersWhoSignIn.includes(look));
  const card = (person: Account) => personCard(person, person === chosen, basePath);
  const body = html`<header class="notice">
      <strong>Simulated Twitch.</strong> These people are invented; no password is needed.
    </header>
    <main class="consent">
      <h1>Who is signing in?</h1>
      <p class="lead">
        An application wants to sign you in. You go back to
        <strong>${hostOf(asked.redirectUri)}</strong> afterwards.
      </p>
      ${missingChoice && html`<p class="problem" role="alert">Choose a person first.</p>`}
      <form method="post" action="${basePath}/oauth2/authorize">
        ${hiddenFields(asked, clientId)}
        <fieldset>
          <legend>Viewers</legend>
          <div class="people">${viewers.slice(0, 6).map(card)}</div>
          <details ${viewers.slice(6).some((viewer) => viewer === chosen) && html`open`}>
            <summary>${viewers.length - 6} more viewers</summary>
            <div class="people">${viewers.slice(6).map(card)}</div>
          </details>
        </fieldset>
        <fieldset>
          <legend>Streamers</legend>
          <div class="people">${streamers.map(card)}</div>
        </fieldset>
        <section class="wishes">
          <h2>The application would like to</h2>
          <ul>
            <li>see your name, picture and description</li>
            ${asked.scopes.map((scope) => html`<li>${meaningOf(scope)} <code>${scope}</code></li>`)}
          </ul>
        </section>
        <p class="decision">
          <button type="submit" name="decision" value="authorise" class="yes">Authorise</button>
          <button type="submit" name="decision" value="cancel" formnovalidate>Cancel</button>
        </p>
      </form>
    </main>`;
  return { title: 'Sign in · Simulated Twitch', body, status: missingChoice ? 400 : 200, bodyClass: 'plain' };
}

/** For a request that cannot be sent back to anybody. */
export function problemPage(title: string, text: string): Page {
  const body = html`<header class="notice"><strong>Simulated Twitch</strong></header>
    <main class="consent">
      <h1>${title}</h1>
      <p class="lead">${text} Check the application's settings and try again.</p>
    </main>`;
  return { title: `${title} · Simulated Twitch`, body, status: 400 };
}

function personCard(person: Account, checked: boolean, basePath: string): Html {
  return html`<label class="person">
    <input type="radio" name="person" value="${person.id}" required ${checked && html`checked`} />
    <img src="${portraitPath(basePath, person)}" width="48" height="48" alt="" />
    <span class="who">
      <bdi class="name" lang="${person.language}">${person.displayName}</bdi>
      <span class="about">${checked ? 'allowed this before' : `@${person.login}`}</span>
    </span>
  </label>`;
}

function hiddenFields({ redirectUri, scopes, state, forceVerify }: ConsentRequest, clientId: string): Html {
  const fields = Object.entries({
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: scopes.join(' '),
    state,
    force_verify: forceVerify ? 'true' : null,
  });
  return html`${fields.map(([name, value]) => value !== null && html`<input type="hidden" name="${name}" value="${value}" />`)}`;
}

function hostOf(uri: string): string {
  return URL.canParse(uri) ? new URL(uri).host : uri;
}
