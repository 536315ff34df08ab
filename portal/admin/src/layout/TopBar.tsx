// The masthead: product, work under way, events, theme, and the signed-in user.
import { useState } from 'react';
import {
  Content,
  Dropdown,
  DropdownItem,
  DropdownList,
  Masthead,
  MastheadBrand,
  MastheadContent,
  MastheadLogo,
  MastheadMain,
  MastheadToggle,
  MenuToggle,
  NotificationBadge,
  PageToggleButton,
  ToggleGroup,
  ToggleGroupItem,
  Toolbar,
  ToolbarContent,
  ToolbarGroup,
  ToolbarItem,
} from '@patternfly/react-core';
import { DesktopIcon } from '@patternfly/react-icons/dist/esm/icons/desktop-icon';
import { MoonIcon } from '@patternfly/react-icons/dist/esm/icons/moon-icon';
import { SunIcon } from '@patternfly/react-icons/dist/esm/icons/sun-icon';
import { TasksIcon } from '@patternfly/react-icons/dist/esm/icons/tasks-icon';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { chooseTheme, useAll, usePortal, useThemeChoice, versionText, type Job } from '@ferrovirt/portal-shared';
import type { DrawerName } from './drawer';

interface TopBarProps {
  drawer: DrawerName | undefined;
  setDrawer(name: DrawerName | undefined): void;
}

export function TopBar(props: TopBarProps) {
  const { t } = useTranslation();
  return (
    <Masthead>
      <MastheadMain>
        <MastheadToggle>
          <PageToggleButton isHamburgerButton aria-label={t('frame.navigation')} />
        </MastheadToggle>
        <MastheadBrand>
          <MastheadLogo component={(logo) => <Link {...logo} to="/" aria-label="Ferrovirt" style={{ textDecoration: 'none' }} />}>
            <Content component="p" style={{ fontSize: 'var(--pf-t--global--font--size--heading--lg)' }}>
              <img src={`${import.meta.env.BASE_URL}logo.svg`} alt="" width={28} height={28} style={{ verticalAlign: 'middle', marginInlineEnd: 10 }} />
              Ferrovirt
            </Content>
          </MastheadLogo>
        </MastheadBrand>
      </MastheadMain>
      <MastheadContent>
        <Toolbar isStatic>
          <ToolbarContent>
            <ToolbarGroup align={{ default: 'alignEnd' }} variant="action-group-plain">
              <Drawers {...props} />
              <ToolbarItem>
                <ThemeChooser />
              </ToolbarItem>
              <ToolbarItem>
                <UserMenu />
              </ToolbarItem>
            </ToolbarGroup>
          </ToolbarContent>
        </Toolbar>
      </MastheadContent>
    </Masthead>
  );
}

function Drawers({ drawer, setDrawer }: TopBarProps) {
  const { t } = useTranslation();
  const jobs = useAll<Job>('job');
  const running = jobs.data?.filter((job) => job.status === 'started').length ?? 0;
  const toggle = (name: DrawerName): void => setDrawer(drawer === name ? undefined : name);
  return (
    <>
      <ToolbarItem>
        <NotificationBadge
          variant={running > 0 ? 'unread' : 'read'}
          icon={<TasksIcon />}
          count={running}
          isExpanded={drawer === 'jobs'}
          aria-label={t('frame.jobs', { count: running })}
          onClick={() => toggle('jobs')}
        />
      </ToolbarItem>
      <ToolbarItem>
        <NotificationBadge variant="read" isExpanded={drawer === 'events'} aria-label={t('frame.events')} onClick={() => toggle('events')} />
      </ToolbarItem>
    </>
  );
}

function ThemeChooser() {
  const { t } = useTranslation();
  const choice = useThemeChoice();
  return (
    <ToggleGroup aria-label={t('frame.theme')}>
      <ToggleGroupItem icon={<SunIcon />} aria-label={t('frame.light')} isSelected={choice === 'light'} onChange={() => chooseTheme('light')} />
      <ToggleGroupItem icon={<MoonIcon />} aria-label={t('frame.dark')} isSelected={choice === 'dark'} onChange={() => chooseTheme('dark')} />
      <ToggleGroupItem icon={<DesktopIcon />} aria-label={t('frame.system')} isSelected={choice === 'system'} onChange={() => chooseTheme('system')} />
    </ToggleGroup>
  );
}

function UserMenu() {
  const { t } = useTranslation();
  const { api, leave } = usePortal();
  const [open, setOpen] = useState(false);
  const user = api.authenticated_user;
  const name = user?.user_name ?? user?.name ?? user?.principal ?? '';
  const version = versionText(api.product_info?.version);
  return (
    <Dropdown
      isOpen={open}
      onOpenChange={setOpen}
      onSelect={() => setOpen(false)}
      popperProps={{ position: 'right' }}
      toggle={(ref) => (
        <MenuToggle ref={ref} variant="plainText" isExpanded={open} onClick={() => setOpen(!open)} aria-label={t('frame.user', { name })}>
          {name}
        </MenuToggle>
      )}
    >
      <DropdownList>
        {version && <DropdownItem isDisabled>{t('frame.version', { version })}</DropdownItem>}
        <DropdownItem onClick={leave}>{t('frame.signOut')}</DropdownItem>
      </DropdownList>
    </Dropdown>
  );
}
