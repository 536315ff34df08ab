// A screen for the console: speaks enough of the RFB protocol (RFC 6143) over a WebSocket to show a picture. It takes any
// answer to the password challenge; checking it is the real host's work.
import type { WebSocket } from 'ws';

const WIDTH = 640;
const HEIGHT = 400;

/** A test picture: colour bars and a diagonal, 32 bits a pixel. */
function picture(): Buffer {
  const bars = [0xffffff, 0xd9b310, 0x328cc1, 0x2e8b57, 0xb1380b, 0x0b3c5d];
  const pixels = Buffer.alloc(WIDTH * HEIGHT * 4);
  for (let y = 0; y < HEIGHT; y += 1) {
    for (let x = 0; x < WIDTH; x += 1) {
      const colour = Math.abs(x - y * 1.6) < 3 ? 0 : (bars[Math.floor((x / WIDTH) * bars.length)] ?? 0);
      pixels.writeUInt32LE(colour, (y * WIDTH + x) * 4);
    }
  }
  return pixels;
}

function serverInit(): Buffer {
  const name = Buffer.from('stand-in');
  const init = Buffer.alloc(24);
  init.writeUInt16BE(WIDTH, 0);
  init.writeUInt16BE(HEIGHT, 2);
  // Pixel format: 32 bits, depth 24, little endian, true colour, 8 bits each, red at 16, green at 8, blue at 0.
  Buffer.from([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0]).copy(init, 4);
  init.writeUInt32BE(name.length, 20);
  return Buffer.concat([init, name]);
}

function frame(pixelBytes: Buffer): Buffer {
  const head = Buffer.alloc(16);
  head.writeUInt16BE(1, 2);
  head.writeUInt16BE(WIDTH, 8);
  head.writeUInt16BE(HEIGHT, 10);
  return Buffer.concat([head, pixelBytes]);
}

/** Serves one console connection. `onKeys` hears the bytes of each key event. */
export function serveRfb(socket: WebSocket, onKey: (code: number) => void): void {
  const steps: ((data: Buffer) => void)[] = [
    () => socket.send(Buffer.from([1, 2])),
    () => socket.send(Buffer.alloc(16, 7)),
    () => socket.send(Buffer.from([0, 0, 0, 0])),
    () => socket.send(serverInit()),
  ];
  // noVNC asks for its own pixel order: red in the lowest byte.
  let swap = false;
  socket.send(Buffer.from('RFB 003.008\n'));
  socket.on('message', (raw: Buffer) => {
    const step = steps.shift();
    if (step) return step(raw);
    for (let at = 0; at < raw.length; ) {
      const type = raw[at];
      if (type === 0) {
        swap = raw[at + 14] === 0;
        at += 20;
      } else if (type === 2) at += 4 + 4 * raw.readUInt16BE(at + 2);
      else if (type === 3) {
        const pixels = picture();
        if (swap) for (let index = 0; index < pixels.length; index += 4) pixels.writeUInt32LE(flip(pixels.readUInt32LE(index)), index);
        if (raw[at + 1] === 0) socket.send(frame(pixels));
        at += 10;
      } else if (type === 4) {
        if (raw[at + 1] === 1) onKey(raw.readUInt32BE(at + 4));
        at += 8;
      } else if (type === 5) at += 6;
      else return;
    }
  });
}

function flip(colour: number): number {
  return ((colour & 0xff) << 16) | (colour & 0xff00) | ((colour >> 16) & 0xff);
}
