// A burst is shown in one go, for each showing measures the whole page: however often it is asked for, once in a while.

const GATHERING_MS = 30;

export function gather(show) {
  let timer;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      show();
    }, GATHERING_MS);
  };
}
