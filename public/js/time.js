// Every <time>: the viewer's own zone in its tooltip, and "3 minutes ago" or "2 h 14 min" kept true while the page is open.

const ROUND_MS = 30_000;

const units = [
  ['year', 365 * 86_400],
  ['month', 30 * 86_400],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const full = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full', timeStyle: 'short' });
const wording = {
  ago: (date) => ago(Date.now() - date),
  uptime: (date) => uptime(Date.now() - date),
  full: (date) => full.format(date),
  day: (date) => date.toLocaleDateString('en-GB', { dateStyle: 'medium' }),
};

refresh();
setInterval(refresh, ROUND_MS);
document.addEventListener('followspot:content', refresh);
document.addEventListener('visibilitychange', () => document.hidden || refresh());

function refresh() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll('time[datetime]')) {
    const date = new Date(element.dateTime);
    const text = wording[element.dataset.time]?.(date);
    if (text && text !== element.textContent) element.textContent = text;
    const title = full.format(date);
    if (element.title !== title) element.title = title;
  }
}

// The server says the same in the same words.
function ago(ms) {
  const seconds = Math.max(0, ms / 1000);
  if (seconds < 10) return 'just now';
  const [unit, length] = units.find(([, each]) => seconds >= each) ?? ['second', 1];
  return relative.format(-Math.floor(seconds / length), unit);
}

function uptime(ms) {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes === 0) return 'just now';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
