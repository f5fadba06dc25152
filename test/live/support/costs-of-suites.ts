/** What a run of each live suite costs, for people, by the name of its backend. */
export const costsOfSuites: Readonly<Record<string, string>> = {
  hunyuan: 'at most 7 images, about 1.4 CNY',
  openai: 'at most 7 images of low quality, well under 1 USD',
  comfyui: 'free',
};
