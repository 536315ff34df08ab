// The addresses of the administration portal. Every page is a piece of its own, loaded when it is first opened.
import { lazy, type ComponentType } from 'react';
import type { RouteObject } from 'react-router';
import { App, PageFailure } from './App';
import { paths } from './paths';

type Load = () => Promise<Record<string, ComponentType>>;

function page(load: Load, name: string): ComponentType {
  return lazy(async () => {
    const component = (await load())[name];
    if (!component) throw new Error(`page ${name} is not there`);
    return { default: component };
  });
}

function route(path: string, Page: ComponentType): RouteObject {
  return { path, element: <Page />, errorElement: <PageFailure /> };
}

const vms: Load = () => import('./pages/vms');
const hosts: Load = () => import('./pages/hosts');
const clusters: Load = () => import('./pages/clusters');
const templates: Load = () => import('./pages/templates');
const network: Load = () => import('./pages/network');
const storage: Load = () => import('./pages/storage');
const disks: Load = () => import('./pages/disks');
const events: Load = () => import('./pages/events');


function both(path: string, load: Load, list: string, item: string): RouteObject[] {
  return [route(path, page(load, list)), route(`${path}/:id/:tab?`, page(load, item))];
}

export const routes: RouteObject[] = [
  {
    path: '/',
    element: <App />,
    errorElement: <PageFailure />,
    children: [
      { index: true, element: lazyDashboard(), errorElement: <PageFailure /> },
      ...both(paths.vms, vms, 'VmList', 'VmPage'),
      ...both(paths.templates, templates, 'TemplateList', 'TemplatePage'),
      ...both(paths.hosts, hosts, 'HostList', 'HostPage'),
      ...both(paths.clusters, clusters, 'ClusterList', 'ClusterPage'),
      ...both(paths.dataCenters, clusters, 'DataCenterList', 'DataCenterPage'),
      ...both(paths.networks, network, 'NetworkList', 'NetworkPage'),
      route(paths.vnicProfiles, page(network, 'VnicProfileList')),
      ...both(paths.domains, storage, 'DomainList', 'DomainPage'),
      ...both(paths.disks, disks, 'DiskList', 'DiskPage'),
      route(paths.events, page(events, 'EventList')),
      route(paths.jobs, page(events, 'JobList')),
      { path: '*', element: <PageFailure /> },
    ],
  },
];

function lazyDashboard() {
  const Dashboard = page(() => import('./pages/dashboard/DashboardPage'), 'DashboardPage');
  return <Dashboard />;
}
