import { existsSync } from 'node:fs';
import path from 'node:path';
import dotenv from 'dotenv';

const root = import.meta.dirname;

/** For `npx knex`: the settings of the application and its list of migrations, from src or, in the image, dist. */
export default async function knexConfig() {
  dotenv.config({ path: path.join(root, '.env'), quiet: true });
  const { load, extension } = await sources();
  const { readDatabaseSettings } = await load(`src/config.${extension}`);
  const { toMigrationConfig } = await load(`src/store/connection.${extension}`);
  return toMigrationConfig(readDatabaseSettings(process.env, root));
}

async function sources() {
  const compiled = { load: (file) => import(`./dist/${file}`), extension: 'js' };
  if (!existsSync(path.join(root, 'src/config.ts'))) return compiled;
  if (process.features.typescript) return { load: (file) => import(`./${file}`), extension: 'ts' };
  try {
    const { tsImport } = await import('tsx/esm/api');
    return { load: (file) => tsImport(`./${file}`, import.meta.url), extension: 'ts' };
  } catch {
    return compiled;
  }
}
