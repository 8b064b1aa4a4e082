import { describe, expect, it } from 'vitest';
import { runSimulator } from './running-simulator.ts';

describe.each(['/player?channel=otto', '/embed/otto/chat?'])('the frame %s', (address) => {
  it('opens for the host that parent names, and for that host only', async () => {
    const { url } = await runSimulator();
    const response = await fetch(`${url}${address}&parent=stage.example`, {
      headers: { Referer: 'https://stage.example:8443/x' },
    });
    expect(response.status).toBe(200);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain('frame-ancestors http://stage.example:* https://stage.example:*');
  });

  it('refuses with a page when parent is missing, has a port or scheme, or is not the embedding host', async () => {
    const { url } = await runSimulator();
    for (const parent of [
      '',
      '&parent=',
      '&parent=stage.example:80',
      '&parent=http://stage.example',
      "&parent=x%3B%20script-src%20'unsafe-inline'",
    ]) {
      const response = await fetch(`${url}${address}${parent}`);
      expect([parent, response.status]).toEqual([parent, 403]);
      expect(response.headers.get('content-security-policy')).not.toContain('unsafe-inline');
      expect(await response.text()).toContain('misconfigured');
    }
    const elsewhere = await fetch(`${url}${address}&parent=stage.example`, {
      headers: { Referer: 'https://other.example/' },
    });
    expect(elsewhere.status).toBe(403);
  });

  it('takes one parent for each page in the chain', async () => {
    const { url } = await runSimulator();
    const response = await fetch(`${url}${address}&parent=a.example&parent=b.example`, {
      headers: { Referer: 'https://b.example/' },
    });
    expect(response.status).toBe(200);
  });

  it('shows hostile text as text', async () => {
    const { url, simulator } = await runSimulator();
    for (const { login } of simulator.world.everybody()) simulator.world.makeHostile(login);
    simulator.world.goLive('otto');
    const page = await (await fetch(`${url}${address}&parent=localhost`)).text();
    expect(page).toContain('&lt;script src=//evil.invalid&gt;');
    expect(page).not.toMatch(/<script src=\/\/evil|<img src=x|\0/);
    expect(page).not.toContain('javascript:');
  });
});

describe('the player', () => {
  it('shows the broadcast while it runs, then the offline screen, and 404 for nobody', async () => {
    const { url, simulator } = await runSimulator();
    const page = async (channel: string) => fetch(`${url}/player?channel=${channel}&parent=localhost`);
    simulator.world.goLive('otto', { viewers: 4321 });
    expect(await (await page('otto')).text()).toContain('4,321');
    simulator.world.goOffline('otto');
    expect(await (await page('OTTO')).text()).toContain('is offline');
    expect((await page('nobody_at_all')).status).toBe(404);
    simulator.world.ban('otto');
    expect((await page('otto')).status).toBe(404);
  });
});

describe('the chat', () => {
  it('is dark with darkpopout and holds its lines without a script', async () => {
    const { url } = await runSimulator();
    const chat = async (more: string) =>
      (await fetch(`${url}/embed/otto/chat?parent=localhost${more}`)).text();
    expect(await chat('&darkpopout')).toContain('chat dark');
    expect(await chat('')).toContain('chat light');
    expect((await chat('')).match(/class="name /g)?.length).toBe(40);
  });

  it('is 404 for nobody and for somebody banned', async () => {
    const { url, simulator } = await runSimulator();
    simulator.world.ban('otto');
    for (const login of ['otto', 'nobody_at_all']) {
      expect((await fetch(`${url}/embed/${login}/chat?parent=localhost`)).status).toBe(404);
    }
  });
});

describe('pictures', () => {
  it('are the same for the same login, of the size asked for, and cannot run anything', async () => {
    const { url } = await runSimulator();
    const address = `${url}/images/portraits/otto-300x200.svg`;
    const [one, other] = [await fetch(address), await fetch(address)];
    const drawing = await one.text();
    expect(drawing).toContain('width="300" height="200"');
    expect(drawing).toBe(await other.text());
    expect(one.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(one.headers.get('x-content-type-options')).toBe('nosniff');
    expect(one.headers.get('cache-control')).toContain('max-age=');
  });

  it('show another moment of a broadcast after some minutes', async () => {
    let now = Date.UTC(2026, 10, 23);
    const { url } = await runSimulator({ now: () => new Date(now) });
    const drawing = async () => (await fetch(`${url}/images/thumbnails/cosmicbadger-640x360.svg`)).text();
    const first = await drawing();
    expect(await drawing()).toBe(first);
    now += 5 * 60_000;
    expect(await drawing()).not.toBe(first);
  });

  it('leave the lower corners of a broadcast to what apps write there', async () => {
    const { url, simulator } = await runSimulator();
    const looks = simulator.world.everybody().filter(({ category }) => category !== null);
    const insets = await Promise.all(
      looks.map(async ({ look }) => {
        const drawing = await (await fetch(`${url}/images/thumbnails/${look}-640x360.svg`)).text();
        return /<svg x="\d+" y="(\d+)" width="\d+" height="(\d+)" viewBox="0 0 /.exec(drawing);
      }),
    );
    const lowerEdges = insets
      .filter((inset) => inset !== null)
      .map(([, y, height]) => Number(y) + Number(height));
    expect(lowerEdges.length).toBeGreaterThan(20);
    expect(Math.max(...lowerEdges)).toBeLessThan(180);
  });

  it('are 404 for odd names and sizes', async () => {
    const { url } = await runSimulator();
    for (const file of ['otto-0x10.svg', 'otto-5000x10.svg', 'otto.svg', 'o%3Cb%3E-10x10.svg', '%E0%A4%A']) {
      const { status } = await fetch(`${url}/images/portraits/${file}`);
      expect([400, 404]).toContain(status);
    }
  });
});
