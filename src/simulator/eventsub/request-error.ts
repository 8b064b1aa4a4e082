/** A request that Twitch would refuse; the message goes out, and so does what else the answer tells. */
export class RequestError extends Error {
  override readonly name = 'RequestError';
  readonly status: number;
  readonly more: object;

  constructor(status: number, message: string, more: object = {}) {
    super(message);
    this.status = status;
    this.more = more;
  }
}
