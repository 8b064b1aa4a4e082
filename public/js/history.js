// Days are the viewer's own, in headings and in the filter: by itself the server knows only UTC's.

const list = document.querySelector('[data-days]');
const names = new Intl.DateTimeFormat('en-GB', { dateStyle: 'full' });

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const field = document.querySelector('[data-zone]');

if (zone && field) {
  const zoneNames = [...document.querySelectorAll('[data-zone-name]')];
  const days = [...document.querySelectorAll('[data-day]')];
  const given = { zone: field.value, name: zoneNames[0].textContent };
  const own = { zone, name: zone.replaceAll('_', ' ') };

  // Days that the address names are those of its zone, which may be another's, until one of them is changed.
  const choose = () => {
    const isGiven =
      days.some((day) => day.defaultValue) && days.every((day) => day.value === day.defaultValue);
    const chosen = isGiven ? given : own;
    field.value = chosen.zone;
    for (const each of zoneNames) each.textContent = chosen.name;
  };
  choose();
  for (const day of days) day.addEventListener('input', choose);
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
