// A stand-in engine for developing the portal and for its component tests: the API's shapes over HTTP, the event stream,
// consoles and image transfers, all in memory. It proves nothing about the real engine; main-flow.spec.ts does.
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { WebSocketServer } from 'ws';
import { addPart, create, perform, Refused } from './actions';
import { serveRfb } from './rfb';
import { newWorld, type ChangeNote, type Thing, type World } from './world';

const API = '/ovirt-engine/api';
const PORTAL = '/ovirt-engine/webadmin/';
const USER = 'admin@internal';
/** Who can sign in, with their ids. */
const USERS: Record<string, string> = { [USER]: 'u', 'operator@internal': 'u2' };
const PASSWORD = 'secret';
const DIST = new URL('../../admin/dist/', import.meta.url).pathname;

const COLLECTIONS: Record<string, string> = {
  vms: 'vm', hosts: 'host', clusters: 'cluster', datacenters: 'data_center', networks: 'network', vnicprofiles: 'vnic_profile',
  storagedomains: 'storage_domain', disks: 'disk', templates: 'template', events: 'event', jobs: 'job', imagetransfers: 'image_transfer',
};
const PART_ELEMENTS: Record<string, string> = {
  diskattachments: 'disk_attachment', nics: 'nic', graphicsconsoles: 'graphics_console', reporteddevices: 'reported_device', applications: 'application',
  sessions: 'session', statistics: 'statistic', permissions: 'permission', networks: 'network', storagedomains: 'storage_domain', disks: 'disk', vnicprofiles: 'vnic_profile', steps: 'step',
};

export interface Mock {
  url: string;
  world: World;
  /** Ends all event streams and refuses new ones while true. */
  breakStream(broken: boolean): void;
  /** How many event streams are open. */
  openStreams(): number;
  /** The ids after which event streams were resumed. */
  resumedAfter: number[];
  uploaded: Map<string, number>;
  keys: number[];
  close(): Promise<void>;
}

interface State {
  world: World;
  /** The user of each session. */
  sessions: Map<string, string>;
  tickets: Set<string>;
  /** The session of each event stream. */
  streams: Map<ServerResponse, string>;
  resumedAfter: number[];
  streamBroken: boolean;
  uploaded: Map<string, number>;
  keys: number[];
  base: string;
}

export async function startMock(port = 0, manyVms = 0): Promise<Mock> {
  const state: State = { world: newWorld(manyVms), sessions: new Map(), tickets: new Set(), streams: new Map(), resumedAfter: [], streamBroken: false, uploaded: new Map(), keys: [], base: '' };
  const server = createServer((request, response) => {
    handle(state, request, response).catch((error: unknown) => fail(response, error));
  });
  serveConsoles(state, server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  state.base = `127.0.0.1:${typeof address === 'object' && address ? address.port : port}`;
  return {
    url: `http://${state.base}`,
    world: state.world,
    uploaded: state.uploaded,
    keys: state.keys,
    breakStream: (broken) => {
      state.streamBroken = broken;
      for (const stream of state.streams.keys()) stream.destroy();
    },
    openStreams: () => state.streams.size,
    resumedAfter: state.resumedAfter,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function serveConsoles(state: State, server: Server): void {
  const sockets = new WebSocketServer({ server, path: '/ovirt-engine/services/console' });
  sockets.on('connection', (socket, request) => {
    const ticket = new URL(request.url ?? '', 'http://mock').searchParams.get('ticket') ?? '';
    if (!state.tickets.delete(ticket)) return socket.close(4403);
    serveRfb(socket, (code) => state.keys.push(code));
  });
}

function send(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

function fail(response: ServerResponse, error: unknown): void {
  if (error instanceof Refused) send(response, error.status, { reason: 'Operation Failed', detail: error.detail });
  else send(response, 500, { reason: 'Internal', detail: String(error) });
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}

async function handle(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://mock');
  if (url.pathname.startsWith('/images/')) return image(state, request, response, url);
  if (url.pathname.startsWith(PORTAL)) return asset(response, url.pathname.slice(PORTAL.length), contentPolicy(state.base));
  if (!url.pathname.startsWith('/ovirt-engine/')) return send(response, 302, {}, { Location: PORTAL });
  let session = /JSESSIONID=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
  if (url.pathname === '/ovirt-engine/services/sso-logout') {
    state.sessions.delete(session);
    for (const [open, its] of state.streams) if (its === session) open.destroy();
    return send(response, 200, {});
  }
  const headers: Record<string, string> = {};
  if (request.headers.authorization) {
    const [user = '', password] = Buffer.from(request.headers.authorization.replace('Basic ', ''), 'base64').toString().split(':');
    if (!(user in USERS) || password !== PASSWORD) return send(response, 401, { reason: 'access_denied', detail: 'Cannot authenticate user' });
    session = randomUUID();
    state.sessions.set(session, user);
    headers['Set-Cookie'] = `JSESSIONID=${session}; HttpOnly; SameSite=Strict; Path=/ovirt-engine`;
  } else if (!state.sessions.has(session)) return send(response, 401, { reason: 'unauthorized', detail: '' });
  if (url.pathname === '/ovirt-engine/services/host-join-tokens') {
    return send(response, 200, { token: Buffer.from(randomUUID()).toString('base64url').repeat(4), expires: new Date(Date.now() + 3_600_000).toISOString() });
  }
  if (url.pathname === API) return send(response, 200, rootDocument(state.world, state.sessions.get(session) ?? ''), headers);
  if (url.pathname === `${API}/events/stream`) return stream(state, session, request, response);
  return api(state, request, response, url);
}

function rootDocument(world: World, user: string): unknown {
  const count = (kind: string, active: string) => ({ total: String(world.all(kind).length), active: String(world.all(kind).filter((thing) => thing['status'] === active).length) });
  return {
    authenticated_user: { id: USERS[user], user_name: user },
    product_info: { name: 'oVirt Engine', vendor: 'ovirt.org', version: { full_version: '4.5.8-1' } },
    summary: { hosts: count('host', 'up'), vms: count('vm', 'up'), storage_domains: count('storage_domain', 'active'), users: { active: '1', total: '1' } },
    time: Date.now(),
  };
}

function stream(state: State, session: string, request: IncomingMessage, response: ServerResponse): void {
  if (state.streamBroken) return send(response, 503, { reason: 'away', detail: '' });
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  const write = (note: ChangeNote): void => {
    response.write(`id: ${note.seq}\nevent: change\ndata: ${JSON.stringify({ kind: note.kind, id: note.id, change: note.change })}\n\n`);
  };
  const from = Number(request.headers['last-event-id'] ?? Infinity);
  if (Number.isFinite(from)) state.resumedAfter.push(from);
  for (const note of state.world.notes) if (note.seq > from) write(note);
  response.write(': here\n\n');
  state.world.listeners.add(write);
  state.streams.set(response, session);
  const heartbeat = setInterval(() => response.write(': here\n\n'), 10_000);
  request.on('close', () => {
    clearInterval(heartbeat);
    state.world.listeners.delete(write);
    state.streams.delete(response);
  });
}

async function api(state: State, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const [collection = '', id, part, partId, partAction] = url.pathname.slice(API.length + 1).split('/');
  const { world } = state;
  if (collection === 'operatingsystems') return send(response, 200, { operating_system: [{ id: '1', name: 'other', description: 'Other OS' }, { id: '2', name: 'debian_12', description: 'Debian 12' }] });
  const kind = COLLECTIONS[collection];
  if (!kind) return send(response, 501, { reason: 'Not served', detail: '' });
  const method = request.method ?? 'GET';
  const correlation = String(request.headers['correlation-id'] ?? '');
  if (!id) {
    if (method === 'GET') return send(response, 200, collectionOf(kind, found(world, kind, url)));
    const made = create(world, kind, await bodyOf(request));
    if (kind === 'image_transfer') openTransfer(state, made);
    return send(response, 201, made);
  }
  const thing = world.get(kind, id);
  if (!thing) return send(response, 404, { reason: 'Operation Failed', detail: 'Entity not found' });
  if (!part) {
    if (method === 'DELETE') return removeThing(world, kind, id, response);
    return send(response, 200, method === 'PUT' ? world.update(kind, id, await bodyOf(request)) : thing);
  }
  if (PART_ELEMENTS[part]) return partOf(state, request, response, { kind, id, part, partId, partAction });
  const body = await bodyOf(request);
  if (kind === 'image_transfer') return send(response, 200, endTransfer(world, thing, part));
  const done = perform(world, kind, id, part, body, correlation);
  return done ? send(response, 200, done) : send(response, 501, { reason: 'Not served', detail: '' });
}

function collectionOf(element: string, things: unknown[]): unknown {
  return things.length === 0 ? {} : { [element]: things };
}

function removeThing(world: World, kind: string, id: string, response: ServerResponse): void {
  if (kind === 'vm') for (const entry of world.part('vm', id, 'diskattachments')) world.remove('disk', entry.id);
  world.remove(kind, id);
  send(response, 200, { status: 'complete' });
}

interface PartPath {
  kind: string;
  id: string;
  part: string;
  partId: string | undefined;
  partAction: string | undefined;
}

async function partOf(state: State, request: IncomingMessage, response: ServerResponse, path: PartPath): Promise<void> {
  const { world } = state;
  const { kind, id, part, partId, partAction } = path;
  const element = PART_ELEMENTS[part] ?? part;
  const list = partMembers(world, kind, id, part);
  if (partId && partAction) {
    if (partAction === 'ticket') return send(response, 200, { status: 'complete', ticket: { value: 'pw123456', expiry: '120' } });
    if (partAction === 'proxyticket') {
      const value = randomUUID();
      state.tickets.add(value);
      return send(response, 200, { status: 'complete', proxy_ticket: { value } });
    }
    const entry = kind === 'data_center' ? world.get('storage_domain', partId) : list.find((candidate) => candidate.id === partId);
    if (entry && part === 'nics') entry['plugged'] = String(partAction === 'activate');
    if (part === 'storagedomains') world.update('storage_domain', partId, { status: partAction === 'activate' ? 'active' : 'maintenance' });
    world.update(kind, id, {});
    return send(response, 200, { status: 'complete' });
  }
  if (request.method === 'DELETE') {
    const stored = world.part(kind, id, part);
    stored.splice(0, stored.length, ...stored.filter((entry) => entry.id !== partId));
    if (part === 'diskattachments') world.update('disk', partId ?? '', { vms: undefined });
    if (part === 'storagedomains') world.update('storage_domain', partId ?? '', { data_centers: undefined, status: undefined });
    world.update(kind, id, {});
    return send(response, 200, { status: 'complete' });
  }
  if (request.method === 'POST') {
    const body = await bodyOf(request);
    if (part === 'storagedomains') return send(response, 201, world.update('storage_domain', String(body['id']), { status: 'active', data_centers: { data_center: [{ id }] } }));
    return send(response, 201, addPart(world, kind, id, part, body));
  }
  if (request.method === 'PUT') {
    Object.assign(list.find((entry) => entry.id === partId) ?? {}, await bodyOf(request));
    world.update(kind, id, {});
    return send(response, 200, {});
  }
  const inlined = list.map((entry) => (entry['disk'] ? { ...entry, disk: world.get('disk', (entry['disk'] as Thing).id) } : entry));
  return send(response, 200, collectionOf(kind === 'host' && part === 'nics' ? 'host_nic' : element, inlined));
}

function partMembers(world: World, kind: string, id: string, part: string): Thing[] {
  if (kind === 'data_center' && part === 'storagedomains') return world.all('storage_domain').filter((domain) => JSON.stringify(domain['data_centers'] ?? '').includes(`"${id}"`));
  if (part === 'networks') return world.all('network');
  if (kind === 'network' && part === 'vnicprofiles') return world.all('vnic_profile').filter((profile) => (profile['network'] as Thing).id === id);
  if (kind === 'storage_domain' && part === 'disks') return world.all('disk');
  if (part === 'permissions') return [{ id: 'p1', role: { id: 'r', name: 'SuperUser' }, user: { id: 'u', user_name: USER } } as unknown as Thing];
  return world.part(kind, id, part);
}

/** The search language as far as the tests use it: `field=value` with wildcards, `and`, bare words, sortby, page. */
function found(world: World, kind: string, url: URL): Thing[] {
  const search = url.searchParams.get('search') ?? '';
  const order = /sortby (\S+)(?: (asc|desc))?/.exec(search);
  const page = Number(/page (\d+)/.exec(search)?.[1] ?? 1);
  const condition = search.replace(/sortby \S+( (asc|desc))?/, '').replace(/page \d+/, '').trim();
  let things = world.all(kind).filter((thing) => condition === '' || condition.split(/ and /i).every((term) => matches(world, thing, term.trim())));
  const field = order?.[1] ?? 'name';
  const sign = order?.[2] === 'desc' ? -1 : 1;
  things = things.sort((one, other) => sign * String(one[field] ?? '').localeCompare(String(other[field] ?? ''), undefined, { numeric: true }));
  const max = Number(url.searchParams.get('max') ?? Infinity);
  return Number.isFinite(max) ? things.slice((page - 1) * max, page * max) : things;
}

function matches(world: World, thing: Thing, term: string): boolean {
  if (/ or /i.test(term)) return term.split(/ or /i).some((part) => matches(world, thing, part.trim()));
  const [, field, raw] = /^([\w.]+)\s*=\s*(.*)$/.exec(term) ?? [];
  if (field === undefined || raw === undefined) return JSON.stringify(thing).toLowerCase().includes(term.toLowerCase().replaceAll('*', ''));
  if (field.includes('!')) throw new Refused(400, '[Invalid search]');
  const value = raw.replaceAll('"', '').toLowerCase();
  const pattern = new RegExp(`^${value.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
  const reference = (thing['host'] ?? thing['cluster']) as Thing | undefined;
  const special: Record<string, unknown> = {
    on_host: reference && world.get('host', reference.id)?.name,
    cluster: world.get('cluster', (thing['cluster'] as Thing | undefined)?.id ?? '')?.name,
    correlation_id: thing['correlation'],
    _event_vm_id: (thing['vm'] as Thing | undefined)?.id,
    _event_host_id: (thing['host'] as Thing | undefined)?.id,
    'datacenter.name': world.get('data_center', (thing['data_center'] as Thing | undefined)?.id ?? '')?.name,
  };
  const actual = field in special ? special[field] : thing[field];
  return pattern.test(String(actual ?? '').replaceAll('_', field === 'status' ? '' : '_').toLowerCase());
}

function openTransfer(state: State, transfer: Thing): void {
  state.world.update('image_transfer', transfer.id, { phase: 'initializing' });
  // Another host name of the same server, so that the browser treats it as another origin, as with a real engine.
  const url = `http://${state.base.replace('127.0.0.1', 'localhost')}/images/${transfer.id}`;
  setTimeout(() => state.world.update('image_transfer', transfer.id, { phase: 'transferring', proxy_url: url, transfer_url: url }), state.world.pace / 2);
}

function endTransfer(world: World, transfer: Thing, action: string): unknown {
  world.update('image_transfer', transfer.id, { phase: action === 'finalize' ? 'finalizing_success' : 'cancelled_user' });
  if (action === 'finalize') setTimeout(() => world.update('image_transfer', transfer.id, { phase: 'finished_success' }), world.pace / 2);
  return { status: 'complete' };
}

async function image(state: State, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const cors = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Methods': '*', 'Access-Control-Allow-Headers': '*' };
  const id = url.pathname.slice('/images/'.length);
  if (request.method === 'PUT') {
    let bytes = 0;
    for await (const chunk of request) bytes += (chunk as Buffer).length;
    state.uploaded.set(id, (state.uploaded.get(id) ?? 0) + bytes);
  }
  if (request.method === 'GET') {
    response.writeHead(200, { ...cors, 'Content-Length': '65536', 'Access-Control-Expose-Headers': 'Content-Length' });
    response.end(Buffer.alloc(65_536, 1));
    return;
  }
  response.writeHead(200, cors);
  response.end();
}

const TYPES: Record<string, string> = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.html': 'text/html' };

/** The policy under which the engine serves its pages: nothing but its own files, and the transfer service. */
function contentPolicy(base: string): string {
  const transfer = `http://${base.replace('127.0.0.1', 'localhost')}`;
  return `default-src 'self'; connect-src 'self' ${transfer}; img-src 'self' data: blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`;
}

function asset(response: ServerResponse, path: string, policy: string): void {
  const file = join(DIST, path);
  const target = path !== '' && existsSync(file) ? file : join(DIST, 'index.html');
  response.writeHead(200, { 'Content-Type': TYPES[extname(target)] ?? 'application/octet-stream', 'Content-Security-Policy': policy });
  response.end(readFileSync(target));
}
