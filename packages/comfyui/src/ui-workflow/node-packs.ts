/** Well-known packs of custom nodes, by what the names of their classes look like. */
const packs: readonly (readonly [RegExp, string])[] = [
  [/\(rgthree\)$/, 'rgthree-comfy'],
  [/^IPAdapter/, 'comfyui_ipadapter_plus'],
  [/\/\/Inspire$/, 'comfyui-inspire-pack'],
  [/^VHS_/, 'comfyui-videohelpersuite'],
  [/GGUF/, 'ComfyUI-GGUF'],
  [/^easy /, 'comfyui-easy-use'],
  [/\|pysssss$/, 'comfyui-custom-scripts'],
  [/^(?:FaceDetailer|SAMLoader|UltralyticsDetectorProvider|Impact|Detailer)/, 'comfyui-impact-pack'],
  [/^(?:SetNode|GetNode|INTConstant|FloatConstant|ImageResizeKJ|.*KJ)/, 'comfyui-kjnodes'],
  [/Preprocessor$|^AIO_Preprocessor/, 'comfyui_controlnet_aux'],
  [/^ACN_|^ControlNetLoaderAdvanced$/, 'comfyui-advanced-controlnet'],
  [/^ADE_/, 'comfyui-animatediff-evolved'],
  [/^UltimateSDUpscale/, 'comfyui_ultimatesdupscale'],
  [/^(?:Efficient Loader|KSampler \(Efficient\)|Eff\. Loader)/, 'efficiency-nodes-comfyui'],
  [/^CR /, 'ComfyUI_Comfyroll_CustomNodes'],
  [/^LayerUtility:|^LayerMask:/, 'comfyui_layerstyle'],
  [/^(?:Nunchaku)/, 'ComfyUI-nunchaku'],
  [/^(?:ReActor)/, 'comfyui-reactor'],
  [/\+$/, 'comfyui_essentials'],
];

/** The pack that a class is known to come from; undefined where nobody here knows. */
export function packOf(type: string): string | undefined {
  return packs.find(([pattern]) => pattern.test(type))?.[1];
}
