// Days are the viewer's own, in headings and in the filter: by itself the server knows only UTC's.

const list = document.querySelector('[data-days]');
const names = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full' });

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const field = document.querySelector('[data-zone]');

if (zone && field) {
  field.value = zone;
  for (const name of document.querySelectorAll('[data-zone-name]'))
    name.textContent = zone.replaceAll('_', ' ');
}

if (list) {
  const heading = list.querySelector('[data-event-day]');
  for (const day of list.querySelectorAll('[data-event-day]')) day.remove();
  let last = '';
  for (const event of list.querySelectorAll('.event')) {
    const name = names.format(new Date(Number(event.dataset.at)));
    if (name !== last) {
      const day = heading.cloneNode(true);
      day.querySelector('time').replaceWith(name);
      event.before(day);
    }
    last = name;
  }
}
