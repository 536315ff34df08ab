// Buttons and a menu for what can be done to one entity or to a selection. What is not allowed now stays in its place,
// reachable by keyboard, and says why.
import { useState } from 'react';
import {
  ActionList,
  ActionListGroup,
  ActionListItem,
  Button,
  Dropdown,
  DropdownItem,
  DropdownList,
  MenuToggle,
  Tooltip,
} from '@patternfly/react-core';
import { EllipsisVIcon } from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import { useTranslation } from 'react-i18next';
import type { EntityAction } from './types';

/** Undefined when the action may be done to at least one of the items, else why to none of them. */
export function refusalOfAll<T>(action: EntityAction<T>, items: T[], none: string): string | undefined {
  if (items.length === 0) return none;
  const refusals = items.map((item) => action.refusal(item));
  return refusals.some((refusal) => refusal === undefined) ? undefined : refusals[0];
}

function runOnAllowed<T>(action: EntityAction<T>, items: T[]): void {
  action.run(items.filter((item) => action.refusal(item) === undefined));
}

export interface ActionsBarProps<T> {
  actions: EntityAction<T>[];
  items: T[];
  /** Tells the menu's purpose to screen readers. */
  menuLabel: string;
}

export function ActionsBar<T>({ actions, items, menuLabel }: ActionsBarProps<T>) {
  const buttons = actions.filter((action) => action.prominent);
  const others = actions.filter((action) => !action.prominent);
  return (
    <ActionList>
      <ActionListGroup>
        {buttons.map((action) => (
          <ActionListItem key={action.key}>
            <ActionButton action={action} items={items} />
          </ActionListItem>
        ))}
        {others.length > 0 && (
          <ActionListItem>
            <ActionsMenu actions={others} items={items} menuLabel={menuLabel} />
          </ActionListItem>
        )}
      </ActionListGroup>
    </ActionList>
  );
}

function ActionButton<T>({ action, items }: { action: EntityAction<T>; items: T[] }) {
  const { t } = useTranslation();
  const refusal = refusalOfAll(action, items, t('why.list.none'));
  const button = (
    <Button
      variant={action.danger ? 'danger' : 'secondary'}
      isAriaDisabled={refusal !== undefined}
      onClick={() => runOnAllowed(action, items)}
    >
      {action.label}
    </Button>
  );
  return refusal === undefined ? button : <Tooltip content={refusal}>{button}</Tooltip>;
}

function ActionsMenu<T>({ actions, items, menuLabel }: ActionsBarProps<T>) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plain" aria-label={menuLabel} isExpanded={open} onClick={() => setOpen(!open)} icon={<EllipsisVIcon />} />
      )}
    >
      <DropdownList>
        {actions.map((action) => {
          const refusal = refusalOfAll(action, items, t('why.list.none'));
          return (
            <DropdownItem
              key={action.key}
              isDanger={action.danger ?? false}
              isAriaDisabled={refusal !== undefined}
              onClick={() => runOnAllowed(action, items)}
              {...(refusal === undefined ? {} : { tooltipProps: { content: refusal } })}
            >
              {action.label}
            </DropdownItem>
          );
        })}
      </DropdownList>
    </Dropdown>
  );
}
