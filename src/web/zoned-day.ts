/** Whether a name is one of a time zone, such as `Europe/Berlin`. */
export function isZone(name: string): boolean {
  try {
    clockOf(name);
    return true;
  } catch {
    return false;
  }
}

/** When a day such as `2026-11-24` begins in a time zone: mostly at midnight, later where the clock leaps over it. */
export function startOfDay(day: string, zone: string): Date {
  const clock = clockOf(zone);
  const midnight = Date.parse(day);
  // One of the two holds at midnight, on whichever side of it the clock is changed.
  const offsets = [midnight - dayMs, midnight + dayMs].map(
    (time) => Date.parse(`${show(clock, time)}Z`) - time,
  );
  const starts = offsets.map((offset) => midnight - offset).toSorted((a, b) => a - b);
  return new Date(starts.find((time) => show(clock, time).startsWith(day)) ?? midnight);
}

const dayMs = 86_400_000;

function clockOf(zone: string): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium', timeZone: zone });
}

/** `2026-11-24T01:00:00`, in the time of the clock. */
function show(clock: Intl.DateTimeFormat, time: number): string {
  return clock.format(time).replace(' ', 'T');
}
