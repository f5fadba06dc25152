/** Our own drawings of things that Noto Emoji lacks: each the body of an SVG of 128 x 128. */
export const ownShapes: Readonly<Record<string, string>> = {
  table: legs('#7a4a24', [16, 100], 46, 122) + slab('#a9683a', '#c98750', 6, 34, 116, 14),
  desk:
    legs('#6f4424', [12, 104], 46, 122) +
    slab('#a9683a', '#c98750', 6, 34, 116, 14) +
    '<path fill="#8f5730" d="M72 48h38v30H72z"/><circle cx="91" cy="62" r="4" fill="#e8c27a"/>',
  stool:
    '<path fill="#7a4a24" d="M34 44l-10 78h11l12-78zm60 0l10 78H93L81 44z"/><path fill="#8f5730" d="M30 86h68v9H30z"/>' +
    '<ellipse cx="64" cy="44" rx="46" ry="14" fill="#9a5c32"/><ellipse cx="64" cy="38" rx="46" ry="14" fill="#c98750"/>',
  bench:
    legs('#6f4424', [18, 98], 60, 116) +
    slab('#a9683a', '#c98750', 6, 56, 116, 13) +
    slab('#a9683a', '#c98750', 6, 20, 116, 11) +
    '<path fill="#6f4424" d="M20 31h9v26h-9zm79 0h9v26h-9z"/>',
  shelf:
    '<path fill="#7a4a24" d="M16 4h96v120H16z"/><path fill="#4f2e16" d="M24 12h80v30H24zm0 38h80v30H24zm0 38h80v28H24z"/>' +
    '<path fill="#c0392b" d="M28 18h9v24h-9zm30 38h8v24h-8z"/><path fill="#2e86ab" d="M39 14h8v28h-8zm29 80h10v22H68z"/>' +
    '<path fill="#e9b44c" d="M49 20h10v22H49zm-21 36h9v24h-9z"/><path fill="#5b8c5a" d="M39 60h9v20h-9zm52-42h8v24h-8zm-7 70h9v28h-9z"/>' +
    '<circle cx="88" cy="70" r="10" fill="#d9d2c5"/><path fill="#b5651d" d="M30 96h26v20H30z"/>',
  wardrobe:
    '<path fill="#6f4424" d="M18 4h92v112H18zm4 112h10v8H22zm74 0h10v8H96z"/><path fill="#a9683a" d="M25 12h36v96H25zm42 0h36v96H67z"/>' +
    '<path fill="#8f5730" d="M31 20h24v36H31zm42 0h24v36H73zM31 64h24v36H31zm42 0h24v36H73z"/><circle cx="57" cy="62" r="3" fill="#e8c27a"/><circle cx="71" cy="62" r="3" fill="#e8c27a"/>',
  counter:
    slab('#8f5730', '#c98750', 4, 34, 120, 14) +
    '<path fill="#9a5c32" d="M10 48h108v74H10z"/><path fill="#7a4a24" d="M16 56h28v58H16zm34 0h28v58H50zm34 0h28v58H84z"/>',
  'folding-screen':
    '<path fill="#6f4424" d="M6 14l38 8v96l-38 8zm38 8h40v96H44zm40 0l38-8v112l-38-8z"/><path fill="#efe3c6" d="M11 22l28 6v72l-28 6zm38 6h30v74H49zm40 0l28-6v84l-28-6z"/>' +
    '<path fill="#5b8c5a" d="M16 90c8-24 12-36 20-52l2 3c-8 20-12 30-16 50zm76-48c10 12 16 26 20 46l-4 2c-4-18-10-32-18-44z"/><circle cx="64" cy="52" r="10" fill="#c0392b"/>',
  rug: '<path fill="#a63d40" d="M14 40h100l12 52H2z"/><path fill="#e9b44c" d="M22 46h84l9 40H13z"/><path fill="#a63d40" d="M29 51h70l7 30H22z"/><path fill="#e9b44c" d="M64 55l22 11-22 11-22-11z"/>',
  curtain:
    '<path fill="#6f4424" d="M2 6h124v8H2z"/><path fill="#a63d40" d="M8 14h52c-4 50-18 70-44 110H8zm112 0H68c4 50 18 70 44 110h8z"/>' +
    '<path fill="#7d2a2d" d="M22 14h8c0 50-6 80-14 108h-6c8-30 12-60 12-108zm84 0h-8c0 50 6 80 14 108h6c-8-30-12-60-12-108z"/>',
  fireplace:
    '<path fill="#8c4a3b" d="M12 20h104v104H12z"/><path fill="#d8c7ae" d="M4 10h120v14H4zm0 108h120v8H4z"/><path fill="#2a1a14" d="M32 52c0-14 64-14 64 0v66H32z"/>' +
    '<path fill="#e8642c" d="M64 62c16 18 24 28 20 44-3 10-37 10-40 0-3-12 8-16 10-26 3 6 6 8 8 10 3-8 4-16 2-28z"/><path fill="#f6c244" d="M64 86c8 10 11 16 8 22-3 5-14 5-16 0-2-6 5-10 8-22z"/>',
  stove:
    '<path fill="#d9d9dd" d="M14 30h100v92H14z"/><path fill="#3a3d44" d="M10 22h108v12H10zm16 36h76v52H26z"/><path fill="#f0a04b" d="M34 66h60v36H34z"/>' +
    '<circle cx="34" cy="46" r="5" fill="#3a3d44"/><circle cx="54" cy="46" r="5" fill="#3a3d44"/><circle cx="74" cy="46" r="5" fill="#3a3d44"/><circle cx="94" cy="46" r="5" fill="#c0392b"/>',
  'street-lamp':
    '<path fill="#30353d" d="M59 40h10v78H59zm-12 78h34v8H47zM50 10h28l6 30H44z"/><path fill="#ffe08a" d="M54 14h20l4 22H50z"/><path fill="#30353d" d="M46 6h36v6H46z"/>',
  'floor-lamp':
    '<path fill="#f2d7a0" d="M40 6h48l14 46H26z"/><path fill="#e0b96c" d="M34 28h60l8 24H26z"/><path fill="#5a4632" d="M60 52h8v62h-8zM38 114h52v10H38z"/>',
  signboard:
    '<path fill="#6f4424" d="M30 60h10v66H30zm58 0h10v66H88z"/>' +
    slab('#8f5730', '#c98750', 6, 12, 116, 54) +
    '<path fill="#6f4424" d="M20 26h88v6H20zm0 14h70v6H20z"/>',
  barrel:
    '<path fill="#a9683a" d="M28 6h72c16 36 16 80 0 116H28C12 86 12 42 28 6z"/><path fill="#8f5730" d="M46 6h10c-6 40-6 76 0 116H46c-8-40-8-76 0-116zm26 0h10c8 40 8 76 0 116H72c6-40 6-76 0-116z"/>' +
    '<path fill="#4a4f57" d="M23 20h82l4 11H19zm-4 77h90l-4 11H23z"/>',
  bowl:
    '<path fill="#dfe6ea" d="M6 46h116c0 34-20 58-36 64v10H42v-10C26 104 6 80 6 46z"/><ellipse cx="64" cy="46" rx="58" ry="13" fill="#f5f8fa"/><ellipse cx="64" cy="47" rx="50" ry="9" fill="#b9c6cf"/>' +
    '<path fill="#3d6fa8" d="M14 68h100l-4 9H18zm34 44h32v5H48z"/>',
  vase: '<path fill="#dfe6ea" d="M46 4h36v10c-2 10-4 16 6 24 24 18 22 60-2 86H42C18 98 16 56 40 38c10-8 8-14 6-24z"/><path fill="#3d6fa8" d="M25 66h78l2 12H23zm18-24h42l8 8H35zm-6 62h54l-5 9H42z"/>',
  fence:
    '<path fill="#8f5730" d="M4 50h120v12H4zm0 40h120v12H4z"/><path fill="#c98750" d="M12 30l9-12 9 12v94H12zm29 0l9-12 9 12v94H41zm29 0l9-12 9 12v94H70zm29 0l9-12 9 12v94H99z"/>',
  well:
    '<path fill="#8d8f94" d="M22 70h84v54H22z"/><path fill="#6d7076" d="M18 66h92v12H18zm8 24h24v10H26zm32 0h22v10H58zm-16 16h24v10H42zm36 0h24v10H78z"/>' +
    '<path fill="#7a4a24" d="M26 30h8v38h-8zm68 0h8v38h-8zM60 34h5v22h-5z"/><path fill="#a63d40" d="M64 2l56 32H8z"/><path fill="#a9683a" d="M52 54h20v14H52z"/>',
  crate:
    '<path fill="#c98750" d="M8 20h112v100H8z"/><path fill="#8f5730" d="M8 20h112v14H8zm0 86h112v14H8zM8 34h14v72H8zm98 0h14v72h-14zM26 94l66-60h14v10l-66 62H26z"/>',
};

function slab(side: string, top: string, x: number, y: number, width: number, height: number): string {
  return (
    `<path fill="${side}" d="M${x} ${y}h${width}v${height}H${x}z"/>` +
    `<path fill="${top}" d="M${x} ${y}h${width}v${Math.round(height * 0.5)}H${x}z"/>`
  );
}

function legs(color: string, lefts: readonly number[], top: number, bottom: number): string {
  return lefts.map((left) => `<path fill="${color}" d="M${left} ${top}h12v${bottom - top}H${left}z"/>`).join('');
}
