import express, { type Router } from 'express';
import { chatScript, playerScript } from './scripts.ts';
import { styles } from './styles.ts';

/** The style sheet and the two small scripts of the frames. */
export function createAssets(): Router {
  const router = express.Router();
  const asset = (path: string, type: string, text: string) =>
    router.get(path, (_request, response) => {
      response.set('Cache-Control', 'public, max-age=300').type(type).send(text);
    });
  asset('/simulator.css', 'css', styles);
  asset('/chat.js', 'js', chatScript);
  asset('/player.js', 'js', playerScript);
  return router;
}
