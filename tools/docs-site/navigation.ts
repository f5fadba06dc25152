/** The order of the site. A page is named by its file in the repository; its Chinese twin is found beside it. */

/** A heading of the navigation, and the files below it. */
export interface Section {
  readonly en: string;
  readonly zh: string;
  readonly pages: readonly string[];
}

/** The navigation, in the order in which a newcomer reads. */
export const navigation: readonly Section[] = [
  {
    en: 'Start',
    zh: '开始',
    pages: ['README.md', 'docs/guides/tutorial.md', 'docs/guides/first-steps.md', 'docs/guides/use-in-your-project.md'],
  },
  {
    en: 'Recipes',
    zh: '常用写法',
    pages: [
      'docs/guides/recipes.md',
      'docs/guides/batches-and-limits.md',
      'docs/guides/proxies.md',
      'docs/guides/nextjs-and-electron.md',
      'docs/guides/manifest-in-a-3d-pipeline.md',
      'docs/guides/from-python.md',
      'docs/guides/emulators.md',
      'examples/README.md',
    ],
  },
  {
    en: 'Concepts',
    zh: '概念',
    pages: ['docs/guides/concepts.md', 'docs/guides/sessions.md', 'docs/guides/resume-and-money.md'],
  },
  {
    en: 'Backends',
    zh: '后端',
    pages: [
      'docs/guides/hunyuan.md',
      'docs/guides/openai.md',
      'docs/guides/comfyui.md',
      'docs/guides/ai-sdk.md',
      'docs/guides/writing-a-backend.md',
    ],
  },
  {
    en: 'Operations',
    zh: '运维',
    pages: [
      'docs/guides/several-machines.md',
      'docs/guides/gateway.md',
      'docs/guides/agents.md',
      'docs/guides/telemetry.md',
      'docs/guides/labels.md',
    ],
  },
  {
    en: 'Reference',
    zh: '参考',
    pages: [
      'docs/guides/command-line.md',
      'docs/commands.md',
      'docs/variables.md',
      'docs/errors.md',
      'docs/manifest.md',
      'packages/hybrid/README.md',
      'packages/core/README.md',
      'packages/hunyuan/README.md',
      'packages/openai/README.md',
      'packages/comfyui/README.md',
      'packages/cards/README.md',
      'packages/ai-sdk/README.md',
      'packages/gateway/README.md',
      'packages/redis/README.md',
      'packages/emulators/README.md',
      'packages/conformance/README.md',
      'apps/cli/README.md',
    ],
  },
  {
    en: 'When something goes wrong',
    zh: '出错时',
    pages: ['docs/troubleshooting.md'],
  },
  {
    en: 'Is it for you?',
    zh: '是否适合你',
    pages: ['docs/comparison.md', 'docs/performance.md', 'docs/reliability.md', 'SECURITY.md', 'docs/changelog.md'],
  },
  {
    en: 'Contributing',
    zh: '参与开发',
    pages: ['CONTRIBUTING.md', 'docs/architecture.md', 'docs/README.md'],
  },
];
