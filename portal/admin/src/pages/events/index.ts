// Pages of events and jobs.
export { EventList } from './EventList';
export { JobList } from './JobList';
