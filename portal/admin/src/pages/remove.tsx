// The "remove" of entities that need no more than a question before it.
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';
import { ConfirmDialog, RESOURCES, useDialog, useRun, type Entity, type EntityAction, type Kind } from '@ferrovirt/portal-shared';

/** `refusal` says why an item cannot be removed now; `listPath` is where to go when its page has lost its item. */
export function useRemoveAction<T extends Entity>(
  kind: Kind,
  listPath: string,
  refusal: (item: T) => string | undefined = () => undefined,
  nameOf: (item: T) => string = (item) => item.name ?? item.id ?? '',
): EntityAction<T> {
  const { t } = useTranslation();
  const run = useRun();
  const openDialog = useDialog();
  const navigate = useNavigate();
  const params = useParams();
  const remove = async (items: T[]): Promise<void> => {
    for (const item of items) {
      const accepted = await run({
        subject: kind,
        title: t(`${kind}.removeTitle`, { name: nameOf(item), count: 1 }),
        perform: (client, options) => client.delete(`${RESOURCES[kind].path}/${item.id ?? ''}`, options),
      });
      if (accepted && params['id'] === item.id) await navigate(listPath);
    }
  };
  return {
    key: 'remove',
    label: t('remove'),
    refusal,
    danger: true,
    bulk: true,
    run: (items) =>
      openDialog((close) => (
        <ConfirmDialog
          title={t(`${kind}.removeTitle`, { count: items.length, name: items[0] ? nameOf(items[0]) : '' })}
          text={t(`${kind}.removeText`)}
          losses={items.map(nameOf)}
          confirmLabel={t('remove')}
          danger
          onConfirm={() => void remove(items)}
          onClose={close}
        />
      )),
  };
}
