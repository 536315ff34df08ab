// Pages of clusters and data centres.
export { ClusterList, ClusterPage } from './clusters';
export { DataCenterList, DataCenterPage } from './dataCenters';
