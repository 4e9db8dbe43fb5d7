import { keyText } from '@reckon/store/contract';
import type { EventLog, ListPage, ListRequest, ObjectKey, Revision, StoredObject } from '@reckon/store/contract';
import { afterText, isSelective, objectAt, pageAt, pageNow, selects } from '@reckon/store/view';
import type { PageRequest, ResourceTable, View } from '@reckon/store/view';
import type { RevisionWaiters } from './revision-waiters';

/** Objects asked of the log at once when a selector may refuse many of them. */
const logPage = 500;

/** Lists and gets of the durable state, now and earlier: from the view, from the recent changes, from the log, in this order. */
export class Reads {
  constructor(
    private readonly view: View,
    private readonly log: EventLog,
    private readonly waiters: RevisionWaiters,
  ) {}

  get(key: ObjectKey, atLeast: Revision | undefined): Promise<StoredObject | undefined> | StoredObject | undefined {
    if (atLeast === undefined || atLeast <= this.view.revision) return this.view.get(key);
    return this.waiters.wait(atLeast).then(() => this.view.get(key));
  }

  list(request: ListRequest): Promise<ListPage> | ListPage {
    const { consistency } = request;
    switch (consistency.kind) {
      case 'current':
      case 'any':
        return this.listNow(request);
      case 'at-least': {
        if (consistency.revision <= this.view.revision) return this.listNow(request);
        return this.waiters.wait(consistency.revision).then(() => this.listNow(request));
      }
      case 'exact': {
        if (consistency.revision <= this.view.revision) return this.listAt(request, consistency.revision);
        return this.waiters.wait(consistency.revision).then(() => this.listAt(request, consistency.revision));
      }
    }
  }

  async getAt(key: ObjectKey, at: Revision): Promise<StoredObject | undefined> {
    if (at > this.view.revision) await this.waiters.wait(at);
    const table = this.view.table(key);
    const text = keyText(key);
    if (at >= this.view.recent.floor) return objectAt(table, text, at);
    const [head] = await this.log.listAt(at, text, { startKey: text, limit: 1 });
    return head?.key === text ? table.stored(head.key, head.revision, head.object) : undefined;
  }

  private listNow(request: ListRequest): ListPage {
    const table = this.view.table(request.resource);
    const { revision } = this.view;
    const page = pageOf(request);
    const text = oneKey(table, page);
    if (text !== undefined) return onlyThis(page, revision, table.get(text));
    return { revision, ...pageNow(table, page) };
  }

  private listAt(request: ListRequest, at: Revision): Promise<ListPage> | ListPage {
    if (at === this.view.revision) return this.listNow(request);
    const table = this.view.table(request.resource);
    if (at < this.view.recent.floor) return this.listFromLog(request, table, at);
    const page = pageOf(request);
    const text = oneKey(table, page);
    if (text !== undefined) return onlyThis(page, at, objectAt(table, text, at));
    return { revision: at, ...pageAt(table, at, page) };
  }

  private async listFromLog(request: ListRequest, table: ResourceTable, at: Revision): Promise<ListPage> {
    const page = pageOf(request);
    const { limit } = page;
    const prefix = oneKey(table, page) ?? table.scope(request.namespace);
    let startKey = page.startAfter === undefined ? undefined : afterText(page.startAfter);
    const items: StoredObject[] = [];
    for (;;) {
      // One more than wanted tells whether more follows.
      const wanted = limit === 0 ? 0 : !isSelective(page) ? limit - items.length + 1 : logPage;
      const heads = await this.log.listAt(
        at,
        prefix,
        startKey === undefined ? { limit: wanted } : { startKey, limit: wanted },
      );
      for (const head of heads) {
        const last = items[items.length - 1];
        if (limit > 0 && items.length === limit && last !== undefined)
          return { revision: at, items, next: { lastKey: keyText(last.key) } };
        const object = table.stored(head.key, head.revision, head.object);
        if (selects(page, object)) items.push(object);
      }
      const end = heads[heads.length - 1];
      if (wanted === 0 || end === undefined || heads.length < wanted) return { revision: at, items };
      startKey = afterText(end.key);
    }
  }
}

function pageOf(request: ListRequest): PageRequest {
  const { namespace, name, match, limit, startAfter } = request;
  return { namespace, name, match, limit, startAfter };
}

/** A name within a namespace is one key; over all namespaces, or of a resource without any, it is a selector. */
function oneKey(table: ResourceTable, page: PageRequest): string | undefined {
  if (page.name === undefined || page.namespace === '' || page.startAfter !== undefined) return undefined;
  return `${table.scope(page.namespace)}${page.name}`;
}

function onlyThis(page: PageRequest, revision: Revision, object: StoredObject | undefined): ListPage {
  return { revision, items: object !== undefined && selects(page, object) ? [object] : [] };
}
