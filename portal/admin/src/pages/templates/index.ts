// Pages of templates.
export { TemplateList, TemplatePage } from './templates';
