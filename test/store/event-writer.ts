import { connect, createStore, createTokenCipher } from '../../src/store/index.ts';
import { aRaid } from './stream-events.ts';

// A process that stores batches of 25 until it is killed, and says of each that it is stored.
const knex = connect(JSON.parse(process.argv[2] ?? ''));
const { events } = createStore({ knex, tokenCipher: createTokenCipher(['a secret']) });
for (let turn = 0; ; turn += 1) {
  const batch = Array.from({ length: 25 }, (_, index) =>
    aRaid({ messageId: `${process.pid}-${turn}-${index}` }),
  );
  await events.append(batch);
  process.send?.(batch.map(({ messageId }) => messageId));
}
