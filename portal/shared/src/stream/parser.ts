// Takes the text of a server-sent event stream apart, in pieces of any size (WHATWG HTML, "Event stream interpretation").
// Pure: it knows no connection and no meaning of the events.

export interface StreamMessage {
  event: string;
  data: string;
  /** The last id that stood in the stream up to this message. */
  id: string | undefined;
}

export class StreamParser {
  private buffer = '';
  private event = '';
  private data: string[] = [];
  private lastId: string | undefined;

  /** Feeds a piece of text; gives the messages that became complete. Comments (heartbeats) give nothing. */
  push(chunk: string): StreamMessage[] {
    this.buffer += chunk;
    const messages: StreamMessage[] = [];
    for (;;) {
      const match = /\r\n|\n|\r(?!$)/.exec(this.buffer);
      if (!match) return messages;
      const line = this.buffer.slice(0, match.index);
      this.buffer = this.buffer.slice(match.index + match[0].length);
      const message = this.line(line);
      if (message) messages.push(message);
    }
  }

  private line(line: string): StreamMessage | undefined {
    if (line === '') return this.dispatch();
    if (line.startsWith(':')) return undefined;
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.event = value;
    else if (field === 'data') this.data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.lastId = value;
    return undefined;
  }

  private dispatch(): StreamMessage | undefined {
    const message = { event: this.event || 'message', data: this.data.join('\n'), id: this.lastId };
    const empty = this.data.length === 0 && this.event === '';
    this.event = '';
    this.data = [];
    return empty ? undefined : message;
  }
}
