// All events, newest first.
import { useTranslation } from 'react-i18next';
import { ListPage, type Event } from '@ferrovirt/portal-shared';
import { useEventColumns } from '../parts';

export function EventList() {
  const { t } = useTranslation();
  return <ListPage<Event> kind="event" title={t('nav.events')} example="severity=error and time>today" columns={useEventColumns()} nameOf={(event) => event.id ?? ''} newestFirst />;
}
