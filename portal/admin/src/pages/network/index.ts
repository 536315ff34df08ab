// Pages of networks and vNIC profiles.
export { NetworkList, NetworkPage } from './networks';
export { VnicProfileList } from './profiles';
