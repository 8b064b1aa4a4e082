import type { Knex } from 'knex';
import * as users from './20261123000001_users.ts';
import * as tokens from './20261123000002_tokens.ts';
import * as sessions from './20261123000003_sessions.ts';
import * as streamers from './20261123000004_streamers.ts';
import * as formerLogins from './20261123000005_former_logins.ts';
import * as favourites from './20261123000006_favourites.ts';
import * as sequences from './20261124000001_sequences.ts';
import * as streamEvents from './20261124000002_stream_events.ts';
import * as broadcasts from './20261124000003_broadcasts.ts';
import * as broadcastTitles from './20261124000004_broadcast_titles.ts';
import * as broadcastViewers from './20261124000005_broadcast_viewers.ts';
import * as streamersHeard from './20261124000006_streamers_heard.ts';
import * as usersWishes from './20261124000007_users_wishes.ts';
import * as listenerReports from './20261124000008_listener_reports.ts';
import * as streamersLastEvent from './20261128000001_streamers_last_event.ts';
import * as conduits from './20261128000010_conduits.ts';
import * as streamersWithdrawnKinds from './20261129000001_streamers_withdrawn_kinds.ts';
import * as usersVisits from './20261129000002_users_visits.ts';

/** One step of the schema. `file` is its recorded name: without an extension it is the same in src and dist. */
export interface Migration {
  file: string;
  up(knex: Knex): Promise<void>;
  down(knex: Knex): Promise<void>;
}

/** Every migration, oldest first. A new file in this folder has to be added here. */
export const migrations: Migration[] = [
  { file: '20261123000001_users', ...users },
  { file: '20261123000002_tokens', ...tokens },
  { file: '20261123000003_sessions', ...sessions },
  { file: '20261123000004_streamers', ...streamers },
  { file: '20261123000005_former_logins', ...formerLogins },
  { file: '20261123000006_favourites', ...favourites },
  { file: '20261124000001_sequences', ...sequences },
  { file: '20261124000002_stream_events', ...streamEvents },
  { file: '20261124000003_broadcasts', ...broadcasts },
  { file: '20261124000004_broadcast_titles', ...broadcastTitles },
  { file: '20261124000005_broadcast_viewers', ...broadcastViewers },
  { file: '20261124000006_streamers_heard', ...streamersHeard },
  { file: '20261124000007_users_wishes', ...usersWishes },
  { file: '20261124000008_listener_reports', ...listenerReports },
  { file: '20261128000001_streamers_last_event', ...streamersLastEvent },
  { file: '20261128000010_conduits', ...conduits },
  { file: '20261129000001_streamers_withdrawn_kinds', ...streamersWithdrawnKinds },
  { file: '20261129000002_users_visits', ...usersVisits },
];
