// The navigation at the left: areas and their lists.
import { Nav, NavExpandable, NavItem, NavList, PageSidebar, PageSidebarBody } from '@patternfly/react-core';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import { paths } from '../paths';

const AREAS = {
  compute: ['vms', 'templates', 'hosts', 'clusters', 'dataCenters'],
  network: ['networks', 'vnicProfiles'],
  storage: ['domains', 'disks'],
} as const;

export function Navigation() {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const isAt = (path: string): boolean => pathname === path || pathname.startsWith(`${path}/`);
  const item = (key: keyof typeof paths) => (
    <NavItem key={key} isActive={isAt(paths[key])}>
      <Link to={paths[key]} aria-current={isAt(paths[key]) ? 'page' : undefined}>
        {t(`nav.${key}`)}
      </Link>
    </NavItem>
  );
  return (
    <PageSidebar>
      <PageSidebarBody>
        <Nav aria-label={t('frame.navigation')}>
          <NavList>
            <NavItem isActive={pathname === '/'}>
              <Link to="/" aria-current={pathname === '/' ? 'page' : undefined}>
                {t('nav.dashboard')}
              </Link>
            </NavItem>
            {Object.entries(AREAS).map(([area, lists]) => (
              <NavExpandable key={area} title={t(`nav.${area}`)} isExpanded isActive={lists.some((key) => isAt(paths[key]))}>
                {lists.map(item)}
              </NavExpandable>
            ))}
            {item('events')}
            {item('jobs')}
          </NavList>
        </Nav>
      </PageSidebarBody>
    </PageSidebar>
  );
}
