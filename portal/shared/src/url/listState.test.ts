// A list's state: into the address and back, and into the expression for the engine.
import { describe, expect, it } from 'vitest';
import { hasOwnOrder, matchesWords, quoted, readListState, searchCondition, searchExpression, writeListState } from './listState';

describe('the address', () => {
  it('gives back what was written, and keeps what belongs to others', () => {
    const state = { search: 'name=web* and status=up', sort: 'memory', descending: true };
    const written = writeListState(new URLSearchParams('drawer=jobs'), state, 'name');
    expect(readListState(written, 'name')).toEqual(state);
    expect(written.get('drawer')).toBe('jobs');
  });

  it('leaves defaults out', () => {
    const written = writeListState(new URLSearchParams('search=x&dir=desc'), { search: ' ', sort: 'name', descending: false }, 'name');
    expect(written.toString()).toBe('');
    expect(readListState(written, 'name')).toEqual({ search: '', sort: 'name', descending: false });
  });
});

describe('the expression', () => {
  it('adds order and page to a condition', () => {
    expect(searchExpression({ search: 'status=up', sort: 'name', descending: true }, 3)).toBe('status=up sortby name desc page 3');
    expect(searchExpression({ search: '', sort: 'name', descending: false }, 1)).toBe('sortby name asc page 1');
  });

  it('follows the order that the user wrote, and never two pages', () => {
    expect(searchExpression({ search: 'up sortby memory desc page 9', sort: 'name', descending: false }, 2)).toBe('up sortby memory desc page 2');
    expect([hasOwnOrder('a sortby b'), hasOwnOrder('a')]).toEqual([true, false]);
    expect(searchCondition('a sortby b desc page 2')).toBe('a');
  });

  it('keeps a name with spaces one value', () => {
    expect(quoted('my "big" host')).toBe('"my big host"');
  });
});

describe('filtering in the page', () => {
  it('wants every word in some text', () => {
    expect(matchesWords('mgmt VM', ['ovirtmgmt', 'for vms'])).toBe(true);
    expect(matchesWords('mgmt web', ['ovirtmgmt', undefined])).toBe(false);
    expect(matchesWords('name=ovirt*', ['ovirtmgmt'])).toBe(true);
    expect(matchesWords('', [undefined])).toBe(true);
  });
});
