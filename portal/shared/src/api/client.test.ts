// The API client: what it sends, how it reads faults, and when it says that the session has ended.
import { describe, expect, it, vi } from 'vitest';
import { ApiClient, apiUrl, members } from './client';
import { ApiFault, plainDetail } from './fault';
import { basicCredentials, currentSession, withProfile } from './session';

function answering(status: number, body: unknown, statusText = ''): ReturnType<typeof vi.fn<typeof fetch>> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return vi.fn<typeof fetch>(() => Promise.resolve(new Response(text, { status, statusText })));
}

describe('ApiClient', () => {
  it('asks for JSON under the cookie, with the query put into words', async () => {
    const call = answering(200, { vm: [{ id: '1' }] });
    const answer = await new ApiClient(call).get<object>('vms', { query: { search: 'name=a b', max: 5, follow: undefined } });
    expect(members(answer, 'vm')).toEqual([{ id: '1' }]);
    const [url, init] = call.mock.calls[0] ?? [];
    expect(url).toBe('/ovirt-engine/api/vms?search=name%3Da+b&max=5');
    expect(init).toMatchObject({ method: 'GET', credentials: 'same-origin', headers: { Accept: 'application/json', Version: '4' } });
  });

  it('sends a correlation id and a JSON body', async () => {
    const call = answering(201, { id: 'x' });
    await new ApiClient(call).post('vms', { name: 'a' }, { correlationId: 'c1' });
    expect(call.mock.calls[0]?.[1]).toMatchObject({ body: '{"name":"a"}', headers: { 'Correlation-Id': 'c1', 'Content-Type': 'application/json' } });
  });

  it('reads the fault of a refusal, without its brackets', async () => {
    const call = answering(409, { reason: 'Operation Failed', detail: '[Cannot add VM. Name is in use.]' });
    const fault = await new ApiClient(call).post('vms', {}).catch((error: unknown) => error);
    expect(fault).toMatchObject({ status: 409, reason: 'Operation Failed', detail: 'Cannot add VM. Name is in use.' });
  });

  it('takes an action that answers with a fault for a refusal, whatever the status', async () => {
    const call = answering(200, { status: 'failed', fault: { reason: 'Operation Failed', detail: '[No host.]' } });
    await expect(new ApiClient(call).action('vms/1/start')).rejects.toMatchObject({ detail: 'No host.' });
  });

  it('keeps the status of an answer that is not JSON', async () => {
    await expect(new ApiClient(answering(502, '<html>', 'Bad Gateway')).get('vms')).rejects.toMatchObject({ status: 502, reason: 'Bad Gateway', isTransient: true });
    await expect(new ApiClient(answering(200, '<html>')).get('vms')).rejects.toMatchObject({ reason: 'unreadable' });
  });

  it('gives status 0 when no answer came, and passes an abort on', async () => {
    const down = new ApiClient(() => Promise.reject(new TypeError('refused')));
    await expect(down.get('vms')).rejects.toMatchObject({ status: 0, isTransient: true });
    const abort = new AbortController();
    abort.abort();
    await expect(down.get('vms', { signal: abort.signal })).rejects.toBeInstanceOf(TypeError);
  });

  it('tells of an ended session, but not of a wrong password', async () => {
    const ended = vi.fn();
    const client = new ApiClient(answering(401, {}));
    client.onUnauthorized(ended);
    await expect(client.get('api', { headers: { Authorization: 'Basic x' } })).rejects.toBeInstanceOf(ApiFault);
    expect(ended).not.toHaveBeenCalled();
    await expect(client.get('vms')).rejects.toBeInstanceOf(ApiFault);
    expect(ended).toHaveBeenCalledOnce();
  });
});

describe('addresses and names', () => {
  it('joins below the root, but leaves an href as it is', () => {
    expect(apiUrl('vms')).toBe('/ovirt-engine/api/vms');
    expect(apiUrl('/ovirt-engine/services/x', { a: '' })).toBe('/ovirt-engine/services/x');
  });

  it('takes one pair of brackets off, and only a whole one', () => {
    expect(plainDetail('[a [b] c]')).toBe('a [b] c');
    expect(plainDetail('[a] b')).toBe('[a] b');
  });

  it('encodes names and passwords as UTF-8', () => {
    expect(basicCredentials('jürgen', 'pä:ss')).toBe(`Basic ${Buffer.from('jürgen:pä:ss').toString('base64')}`);
    expect([withProfile('admin'), withProfile('admin@ovirt@internalsso')]).toEqual(['admin@internal', 'admin@ovirt@internalsso']);
  });

  it('takes 401 for "not signed in", and anything else for trouble', async () => {
    expect(await currentSession(new ApiClient(answering(401, {})))).toBeUndefined();
    await expect(currentSession(new ApiClient(answering(503, {})))).rejects.toMatchObject({ status: 503 });
  });
});
